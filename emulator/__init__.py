"""A contract-compatible emulator of asynchronous-job HTTP APIs."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emulator.inprocess import Emulator as Emulator

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`Emulator`, imported when it is first asked for: `import emulator` alone is light."""
    if name == "Emulator":
        from emulator.inprocess import Emulator  # noqa: PLC0415 - see above

        return Emulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
