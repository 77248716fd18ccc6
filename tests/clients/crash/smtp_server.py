"""A real mail server (aiosmtpd) in a process of its own.

Prints its port, then for each mail that it accepts one line of JSON, before it says so to the sender.
"""

import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP


class Keep:
    """Accepts everything."""

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        plain = mail.get_body(preferencelist=("plain",))
        line = {
            "message_id": str(mail["Message-ID"]),
            "key": str(mail["X-Namewarden-Key"]),
            "event": str(mail["X-Namewarden-Event"]),
            "to": envelope.rcpt_tos,
            "text": plain.get_content(),
        }
        print(json.dumps(line), flush=True)
        return "250 2.0.0 stored"


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keep(), hostname="mail.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The test closes our input when it ends, however it ends.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
