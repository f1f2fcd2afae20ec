"""The examples, run in their real hosts against the sandbox: `make examples`."""
