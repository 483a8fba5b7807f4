"""Drives the official MCP clients, unmodified, over pipes and over HTTP: lists tools, calls some, is refused.

Called with the name of the package and the address; CCCC_PROGRAM is our program, the CCCC_* variables of an actor say who
calls. Ends with a traceback on the first difference.
"""

import asyncio
import contextlib
import os
import sys

PACKAGE, URL = sys.argv[1:]
IDENTITY = {name: value for name, value in os.environ.items() if name.startswith("CCCC_")}
HEADERS = {"Authorization": f"Bearer {os.environ['CCCC_ACTOR_TOKEN']}"}


@contextlib.asynccontextmanager
async def mcp_1(way):
    """The first generation of `mcp`: a session over two streams."""
    import httpx
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamable_http_client

    async with contextlib.AsyncExitStack() as stack:
        if way == "pipes":
            transport = stdio_client(StdioServerParameters(command=os.environ["CCCC_PROGRAM"], args=["mcp"], env=IDENTITY))
        else:
            http = await stack.enter_async_context(httpx.AsyncClient(headers=HEADERS, timeout=60))
            transport = streamable_http_client(URL, http_client=http)
        streams = await stack.enter_async_context(transport)
        session = await stack.enter_async_context(ClientSession(*streams[:2]))
        hello = await session.initialize()
        assert hello.serverInfo.name == "cccc-mcp" and "cccc_bootstrap" in hello.instructions, hello
        yield session


@contextlib.asynccontextmanager
async def mcp_2(way):
    """The second generation of `mcp`: a client that finds out by itself how to begin."""
    import httpx2
    from mcp import Client, StdioServerParameters
    from mcp.client.streamable_http import streamable_http_client

    async with contextlib.AsyncExitStack() as stack:
        if way == "pipes":
            server = StdioServerParameters(command=os.environ["CCCC_PROGRAM"], args=["mcp"], env=IDENTITY)
        else:
            http = await stack.enter_async_context(httpx2.AsyncClient(headers=HEADERS, timeout=60))
            server = streamable_http_client(URL, http_client=http)
        client = await stack.enter_async_context(Client(server))
        assert client.server_info.name == "cccc-mcp" and "cccc_bootstrap" in client.instructions, client.server_info
        yield client


@contextlib.asynccontextmanager
async def fastmcp(way):
    from fastmcp import Client
    from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

    if way == "pipes":
        transport = StdioTransport(os.environ["CCCC_PROGRAM"], ["mcp"], env=IDENTITY, keep_alive=False)
    else:
        transport = StreamableHttpTransport(URL, headers=HEADERS)
    async with Client(transport) as client:
        yield client


CLIENTS = {"mcp==1.30.0": mcp_1, "mcp==2.3.0": mcp_2, "fastmcp==4.2.3": fastmcp}


def either(thing, *names):
    """The first of these attributes that there is: the generations spell them differently."""
    return next(getattr(thing, name) for name in names if hasattr(thing, name))


async def drive(way):
    async with CLIENTS[PACKAGE](way) as client:
        more = {"raise_on_error": False} if PACKAGE.startswith("fastmcp") else {}

        async def call(tool, **args):
            result = await client.call_tool(tool, args, **more)
            is_error = either(result, "is_error", "isError")
            return is_error, either(result, "structured_content", "structuredContent"), result.content

        listed = await client.list_tools()
        tools = {tool.name: tool for tool in getattr(listed, "tools", listed)}
        assert len(tools) > 40 and either(tools["cccc_help"].annotations, "read_only_hint", "readOnlyHint"), list(tools)
        schema = either(tools["cccc_message_send"], "input_schema", "inputSchema")
        assert schema["type"] == "object" and schema["required"] == ["text"], schema

        is_error, start, content = await call("cccc_bootstrap")
        assert not is_error and start["actors"] and start["help"]["markdown"], content
        is_error, sent, content = await call("cccc_message_send", text=f"over {way} ☃", to=["user"], priority="attention")
        assert not is_error and sent["event"]["data"]["text"] == f"over {way} ☃", content
        assert sent["event"]["by"] == os.environ["CCCC_ACTOR_ID"], sent
        is_error, found, content = await call("cccc_message_history", query=f"over {way}")
        assert not is_error and [event["id"] for event in found["messages"]] == [sent["event"]["id"]], content

        for tool, args, code in [
            ("cccc_message_send", {}, "invalid_request"),
            ("cccc_message_send", {"text": "x", "to": "nobody-here"}, "invalid_recipient"),
            ("cccc_message_reply", {"event_id": "0" * 32, "text": "x"}, "event_not_found"),
            ("cccc_inbox_list", {"actor_id": "somebody"}, "actor_id_mismatch"),
            ("cccc_no_such_tool", {}, "unknown_tool"),
        ]:
            is_error, refused, content = await call(tool, **args)
            assert is_error and refused["error"]["code"] == code and refused["error"]["message"], (tool, content)
        many = await asyncio.gather(*(call("cccc_presence_update", status=f"{number}") for number in range(20)))
        assert not any(is_error for is_error, _, _ in many), many


for way in ["pipes", "http"]:
    asyncio.run(drive(way))
