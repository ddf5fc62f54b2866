"""Errors. https://dev.kladana.com/doc/api/remap/1.2/#error-handling

Code -> (status, English text, Russian text). The vendor documents no status for 61000 to 61008: 412 is what it
answers to business rules, 500 what it calls an internal error. Where no Russian text is known the English one serves.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.provider import ApiError

_CREATING = "Error creating asynchronous task: "
_CREATING_RU = "Ошибка при создании асинхронной задачи: "
_RESULT = "Error while requesting the result of an asynchronous task: "
_RESULT_RU = "Ошибка при запросе результата асинхронной задачи: "

Entry = tuple[int, str, str | None]

ERRORS: dict[int, Entry] = {
    1000: (400, "The URI element is not an identifier", None),
    1002: (404, "Unidentified path: {path}", None),
    1014: (
        400,
        "Invalid value '{value}' of filter parameter '{parameter}'",
        "Неверное значение '{value}' параметра фильтрации '{parameter}'",
    ),
    1012: (400, "Object identifier not specified", None),
    1016: (403, "Access Denied: You do not have permission to view this object", None),
    1021: (404, "Object with type '{type}' and id '{id}' not found", None),
    1034: (400, "Filtering error: {reason}", "Ошибка фильтрации: {reason}"),
    1035: (
        400,
        "Filtering Error: Wrong date format of the filter parameter",
        "Ошибка фильтрации: неверный формат даты параметра фильтрации",
    ),
    1037: (415, "Wrong Content-Type of the request", None),
    1039: (405, "Operation {method} is not supported for this resource", None),
    1040: (400, "Invalid request parameters", "Неверно заданы параметры запроса"),
    1041: (
        400,
        "Invalid value '{value}' of filtering parameter '{parameter}', valid values: '{valid}'",
        "Неверное значение '{value}' параметра фильтрации '{parameter}', допустимые значения: '{valid}'",
    ),
    1042: (
        400,
        "Invalid value '{value}' for sort parameter '{parameter}', valid values: '{valid}'",
        "Неверное значение '{value}' параметра сортировки '{parameter}', допустимые значения: '{valid}'",
    ),
    1044: (413, "Maximum request size exceeded", None),
    1049: (429, "The limit on the number of requests per unit of time has been exceeded.", None),
    1052: (400, "Invalid UUID format", None),
    1056: (401, "Authentication error: {text}", "Ошибка аутентификации: {text}"),
    1058: (400, "Failed to decode request parameters from URL", None),
    1062: (400, "Invalid 'Accept' header value. Only 'application/json;charset=utf-8'", None),
    1063: (
        400,
        "Sort error: unknown field '{field}' or sorting is not supported for this field",
        "Ошибка сортировки: неизвестное поле '{field}' или сортировка для данного поля не поддерживается",
    ),
    1073: (429, "Concurrent request limit exceeded", None),
    1074: (503, "The service is temporarily unavailable, technical work is underway", None),
    1084: (400, "Invalid value '{value}' of query parameter '{parameter}', valid values: '{valid}'", None),
    1999: (500, "Unknown error", None),
    2000: (400, "Format error: Missing start of object", "Ошибка формата: отсутствует начало объекта"),
    2001: (
        400,
        "Format Error: Incoming request does not match JSON format",
        "Ошибка формата: входящий запрос не соответствует формату JSON",
    ),
    2016: (
        400,
        "Format error: field value '{field}' does not match type {type}",
        "Ошибка формата: значение поля '{field}' не соответствует типу {type}",
    ),
    2029: (
        400,
        "Format error: invalid value '{value}' of field '{field}'. Valid values: {valid}",
        "Ошибка формата: неверное значение '{value}' поля '{field}'. Допустимые значения: {valid}",
    ),
    3000: (
        412,
        "Error saving object: field '{field}' cannot be empty or absent",
        "Ошибка сохранения объекта: поле '{field}' не может быть пустым или отсутствовать",
    ),
    3030: (400, "Error validating header '{header}': {reason}", "Ошибка валидации заголовка '{header}': {reason}"),
    13003: (403, "No access to the Stock Report", None),
    30000: (
        412,
        "Error saving webhook: unsupported entity type '{type}'",
        "Ошибка сохранения webhook: неподдерживаемый тип сущности '{type}'",
    ),
    30001: (
        412,
        "Error saving webhook: unknown HTTP method '{method}'. Valid: POST",
        "Ошибка сохранения webhook: неизвестный HTTP-метод '{method}'. Допустимый: POST",
    ),
    30002: (  # the vendor's own list, though PROCESSED is valid too
        412,
        "Failed to save webhook: unknown action '{action}'. Valid: CREATE, UPDATE, DELETE",
        "Ошибка сохранения webhook: неизвестное действие '{action}'. Допустимые: CREATE, UPDATE, DELETE",
    ),
    30003: (
        412,
        "Error saving webhook: webhook with given set of parameters already exists",
        "Ошибка сохранения webhook: webhook с данным набором параметров уже существует",
    ),
    30004: (
        403,
        "Administrator rights are required to work with webhook",
        "Необходимы права администратора для работы с webhook",
    ),
    30005: (
        412,
        "Error saving webhook: url field value is not a valid request address",
        "Ошибка сохранения webhook: значение поля url не является корректным адресом запроса",
    ),
    30006: (
        403,
        "Your plan does not allow you to create or update webhooks",
        "Ваш тарифный план не позволяет создавать или обновлять веб-хуки",
    ),
    30007: (
        412,
        "Cannot create more than '{limit}' webhooks of the same type per entity",
        "Нельзя создать больше '{limit}' веб-хуков одинакового типа на одну сущность",
    ),
    30008: (
        412,
        "Error saving webhook: entity type '{type}' does not support action '{action}'. Valid: {actions}",
        "Ошибка сохранения webhook: тип сущности '{type}' не поддерживает действие '{action}'. Допустимые: {actions}",
    ),
    30009: (
        412,
        (
            "Webhook save failed: Specifying field value 'diffType' is not supported for action '{action}'."
            " Valid: {actions}"
        ),
        (
            "Ошибка сохранения webhook: указание значения поля 'diffType' не поддерживается для действия '{action}'."
            " Допустимые: {actions}"
        ),
    ),
    30010: (
        412,
        "Error saving webhook: url length is more than 255 characters",
        "Ошибка сохранения webhook: длина url адреса больше 255 символов",
    ),
    39000: (
        412,
        "Error: mandatory parameter for metrics request is not specified: {parameter}",
        "Ошибка: не указан обязательный параметр для запроса показателей: {parameter}.",
    ),
    39001: (
        412,
        "Error: metrics broken down by {interval} for a period greater than {limit} are not supported.",
        None,
    ),
    39002: (
        412,
        "Incorrect value of the 'interval' filtering parameter. Valid values: 'hour', 'day', 'month'.",
        None,
    ),
    61000: (
        412,
        _CREATING + "endpoint does not support asynchronous communication",
        _CREATING_RU + "эндпоинт не поддерживает асинхронный обмен",
    ),
    61001: (
        412,
        _CREATING + "'offset' and 'limit' parameters cannot be specified for asynchronous request",
        _CREATING_RU + "нельзя указывать параметры 'offset' и 'limit' для асинхронного запроса",
    ),
    61002: (
        412,
        (
            "Error creating an asynchronous task: The limit on the number of concurrently executing asynchronous"
            " operations has been exceeded"
        ),
        _CREATING_RU + "превышено ограничение на количество одновременно выполняемых асинхронных операций",
    ),
    61003: (
        412,
        _RESULT + "The result of the task has been deleted",
        _RESULT_RU + "результат задачи был удален",
    ),
    61004: (412, _RESULT + "task failed", _RESULT_RU + "задача завершилась ошибкой"),
    61005: (412, _RESULT + "The task was canceled", _RESULT_RU + "задача была отменена"),
    61006: (412, _RESULT + "result not yet ready", _RESULT_RU + "результат еще не готов"),
    61007: (
        412,
        "Error when canceling an asynchronous task: task already completed",
        "Ошибка при отмене асинхронной задачи: задача уже завершена",
    ),
    61008: (
        500,
        "Asynchronous task submission error: internal error",
        "Ошибка при отправке асинхронной задачи: внутренняя ошибка",
    ),
}

TASK_ERRORS = ERRORS | {
    39000: (
        412,
        "Error: A required parameter for the metrics request was not specified: {parameter}.",
        ERRORS[39000][2],
    )
}
"""The same as failed tasks tell them, where the vendor's example of one has other words."""

CREDENTIALS = {
    "wrong": {"en": "Wrong password or username", "ru": "Неправильный пароль или имя пользователя"},
    "login_format": {
        "en": "Wrong format of the username. Name your account, for example admin@company.",
        "ru": "Неверный формат имени пользователя. Укажите свою учетную запись, например admin@romashka.",
    },
}
"""The inner texts of 1056. The English ones are not documented."""

MORE_INFO = "https://dev.kladana.com/doc/api/remap/1.2/#error_{code}"
TEXT_LIMIT = 255

_LANGUAGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


class Told(NamedTuple):
    """An error as it is said: the status, the table's status for it, and the error object."""

    status: int
    declared: int
    entry: dict[str, Any]


def told(
    error: ApiError, language: str, statuses: Mapping[int, int] | None, table: Mapping[int, Entry] = ERRORS
) -> Told:
    """An error of the table in a language: `error`, `code`, and `parameter` if it is about one.

    `statuses` overrides those of the table.
    """
    status, english, russian = table[int(error.code)]
    text = (russian or english) if language == "ru" else english
    entry: dict[str, Any] = {"error": _filled(text, error.values, language)[:TEXT_LIMIT], "code": int(error.code)}
    if "parameter" in error.values:
        entry["parameter"] = str(error.values["parameter"])
    entry |= {place: error.values[place] for place in ("line", "column") if place in error.values}
    return Told(error.status or (statuses or {}).get(int(error.code), status), status, entry)


def language_of(accepted: str) -> str:
    """`en` or `ru`, whichever an Accept-Language header prefers; `en` if neither."""
    best, weight = "en", 0.0
    for each in accepted.split(","):
        match = _LANGUAGE.fullmatch(each)
        name = match.group(1).lower() if match else ""
        q = float((match and match.group(2)) or 1)
        if name in ("en", "ru") and q > weight:
            best, weight = name, q
    return best


def _filled(text: str, values: dict[str, Any], language: str) -> str:
    """`text` with its places filled in one pass; a place nobody fills stays as it is."""
    inner = values.get("text", "wrong")
    known = {**values, "text": CREDENTIALS[inner][language] if inner in CREDENTIALS else inner}
    return re.sub(r"\{(\w+)\}", lambda match: str(known.get(match.group(1), match.group())), text)
