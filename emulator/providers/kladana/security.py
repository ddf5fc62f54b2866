"""Authorization. https://dev.kladana.com/doc/api/remap/1.2/#authentication

Basic with login and password, or Bearer with a token. Credentials that no scenario lists belong to the default
account; tokens that were issued here and revoked since are refused.
"""

import base64
import binascii
from functools import lru_cache

from emulator.chance import Chance
from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.kladana.settings import KladanaWorld
from emulator.providers.kladana.users import NOBODY_IN_PARTICULAR, Directory, User


def authenticate(world: KladanaWorld, request: Request) -> User:
    """Who asks. ApiError 1056 if that cannot be told."""
    directory = world.objects.directory
    if directory.digest != world.scenario.digest:
        directory.read(world.scenario.digest, world.declared)
    scheme, value = _credential(request.headers.get("Authorization", ""))
    if scheme == "bearer":
        user = _by_token(directory, value)
    elif scheme == "basic":
        user = _by_login(directory, value)
    else:
        raise ApiError(1056)
    request.account, request.user = user.account, user
    return user


@lru_cache(maxsize=256)
def _credential(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    return scheme.lower(), value.strip()


def _by_token(directory: Directory, token: str) -> User:
    if not token or token in directory.revoked:
        raise ApiError(1056)
    return directory.issued.get(token) or directory.tokens.get(token) or NOBODY_IN_PARTICULAR


def _by_login(directory: Directory, value: str) -> User:
    try:
        login, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise ApiError(1056) from None
    if not (login and colon):
        raise ApiError(1056)
    if "@" not in login:
        raise ApiError(1056, text="login_format")
    user = directory.logins.get(login, NOBODY_IN_PARTICULAR)
    if user.password is not None and user.password != password:
        raise ApiError(1056)
    return user


# Obtaining a token ------------------------------------------------------------


def create_token(world: KladanaWorld, request: Request) -> Answer:
    """A new token of the user; the earlier ones are revoked."""
    user, directory = request.user, world.objects.directory
    earlier = [token for token, whose in directory.issued.items() if whose == user]
    directory.revoked.update(earlier)
    for token in earlier:
        del directory.issued[token]
    directory.handed_out += 1
    token = _token(world.chance, user, directory.handed_out)
    directory.issued[token] = user
    return Answer(200, {"access_token": token})


def _token(chance: Chance, user: User, nth: int) -> str:
    """40 hexadecimal digits."""
    return chance.secret("token", user.account, user.name, nth).hex()[:40]


OPERATIONS = {"createToken": create_token}
