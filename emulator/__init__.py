"""A contract-compatible emulator of asynchronous-job HTTP APIs."""

__version__ = "0.1.0"
