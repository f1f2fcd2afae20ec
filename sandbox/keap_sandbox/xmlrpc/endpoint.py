"""Answers calls of the XML-RPC API, and says what is answered while it is switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from keap_sandbox.responses import Response, gateway_fault, html_page
from keap_sandbox.switches import Switches, windows
from keap_sandbox.timestamps import parse_moment
from keap_sandbox.xmlrpc.faults import FaultError, InvocationError, named
from keap_sandbox.xmlrpc.parsing import signature
from keap_sandbox.xmlrpc.registry import METHODS
from keap_sandbox.xmlrpc.writing import MemberOrder, Prolog, TextWriter, UnwritableError, Writer

if TYPE_CHECKING:
    from keap_sandbox.request import World
    from keap_sandbox.xmlrpc.calls import Call
    from keap_sandbox.xmlrpc.methods import Method

__all__ = ["XML", "XmlResponse", "answer", "new_writer", "switched_off"]

XML = "text/xml;charset=UTF-8"


@dataclass
class XmlResponse(Response):
    """A response that holds a value, so that a fault can write another one instead.

    Attributes:
        value: What the method returned.
    """

    value: Any = None


def new_writer(switches: Switches) -> Writer:
    """Return what writes responses as the switches say."""
    return Writer(
        cast("TextWriter", switches.xmlrpc_text),
        cast("MemberOrder", switches.xmlrpc_members),
        extensions=switches.xmlrpc_extensions,
        prolog=cast("Prolog", switches.xmlrpc_prolog),
    )


def answer(call: Call, world: World | None, switches: Switches) -> Response:
    """Answer a call.

    Args:
        call: The call.
        world: The account that the credential opens; None if the private key opens none.
        switches: How to answer.
    """
    writer = new_writer(switches)
    try:
        method = _method(call)
        if world is None:
            raise _wrong_key(switches)
        if call.key == "" and switches.xmlrpc_empty_key == "refused":
            raise named(2, "Invalid Key")
        value = method.handler(world, call.values)
        return XmlResponse(200, writer.response(value), XML, value=value)
    except FaultError as fault:
        return Response(200, writer.fault(fault.code, fault.text), XML)
    except InvocationError as error:
        service, _, name = call.method.partition(".")
        place = f"method {name} in class com.infusionsoft.api.xmlrpc.XmlRpc{service}"
        return Response(200, writer.fault(0, f"Failed to invoke {place}: {error}"), XML)
    except UnwritableError:
        return Response(200, b"", XML)


def _method(call: Call) -> Method:
    """Return the method that a call is for, or raise the fault of the library."""
    if call.problem is not None:
        raise call.problem
    method = METHODS.get(call.method)
    if method is None:
        raise FaultError(0, f"No such handler: {call.method}")
    key = (str,) if method.needs_key else ()
    if not any(_fits(call.params, (*key, *types)) for types in method.signatures):
        raise FaultError(0, f"No method matching arguments: {signature(call.params)}")
    return method


def _fits(params: list[Any], types: tuple[type, ...]) -> bool:
    return len(params) == len(types) and all(
        type(value) is wanted or (value is None and wanted is datetime)
        for value, wanted in zip(params, types, strict=True)
    )


def _wrong_key(switches: Switches) -> FaultError:
    if switches.xmlrpc_wrong_key == "InvalidKey":
        return named(2, "Invalid Key")
    help_line = "please contact Support (1-866-800-0004 ext. 2)"
    return named(1, f"Invalid Configuration: for help setting up your API, {help_line}")


def switched_off(switches: Switches, now: float) -> Response | None:
    """Return what is answered in a brownout and after the end; None while the API is on.

    Args:
        switches: When it is off, and what is answered then. Keap has documented neither.
        now: The time in seconds since the epoch.
    """
    end = parse_moment(switches.xmlrpc_end, bare_date=True) if switches.xmlrpc_end else None
    ended = end is not None and now >= end / 1000
    if not ended and not any(start <= now < stop for start, stop in windows(switches.xmlrpc_brownouts)):
        return None
    match switches.xmlrpc_off:
        case "html_503":
            return html_page(503, "Service Unavailable", "XML-RPC brownout in progress.")
        case "gone":
            return Response(410, b"", None)
        case "json_fault":
            code = "messaging.adaptors.http.flow.ServiceUnavailable"
            return gateway_fault(503, "The Service is temporarily unavailable", code)
        case "dropped":
            return Response(dropped=True)
        case "not_found":
            return html_page(404, "Page Not Found", "The page you are looking for could not be found.")
    return Response(503, b"", None)
