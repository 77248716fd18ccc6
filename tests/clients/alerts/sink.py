"""A real SMTP server on loopback (aiosmtpd) that reports every message it took, as a mail client reads it.

Prints JSON lines: first {"port": N}, then one object a message: "from", "to" (of the envelope), "headers" (pairs,
decoded), "text", "html", "parts" (that are no multipart), "defects" (of the MIME structure). Ends when standard input closes.

    sink.py [--tls starttls|implicit --ca FILE] [--auth USER:PASSWORD] [--port N] [--delay SECONDS]
            [--reply rcpt:ADDRESS=TEXT | mail=TEXT | data=TEXT]...

--ca FILE    where the certificate of the test's own authority is written
--reply      answers so instead of accepting: --reply 'rcpt:a@acme.example=450 4.2.2 full'
--delay      waits so long before answering DATA
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(value):
    print(json.dumps(value), flush=True)


def part(message, kind):
    found = message.get_body((kind,))
    return found.get_content() if found else None


def defects(message):
    return [str(defect) for each in message.walk() for defect in each.defects]


def beside(each):
    """What a mail client shows or offers to save: its type, its names, and its beginning."""
    content = each.get_content()
    content = content if isinstance(content, bytes) else content.encode()
    return {
        "type": each.get_content_type(),
        "disposition": each.get_content_disposition(),
        "file": each.get_filename(),
        "cid": each["Content-ID"],
        "bytes": len(content),
        "begins": content[:60].decode("latin-1"),
    }


class Handler:
    def __init__(self, options):
        self.delay = options.delay
        self.replies = dict(reply.split("=", 1) for reply in options.reply)

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if "mail" in self.replies:
            return self.replies["mail"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if f"rcpt:{address}" in self.replies:
            return self.replies[f"rcpt:{address}"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.delay)
        if "data" in self.replies:
            return self.replies["data"]
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": part(message, "plain"),
            "html": part(message, "html"),
            "parts": [beside(each) for each in message.walk() if not each.is_multipart()],
            "defects": defects(message),
            "longest_line": max(map(len, envelope.content.splitlines())),
            "tls": server.transport.get_extra_info("ssl_object") is not None,
        })
        return "250 OK"


def server_context(ca_file):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def authenticator(expected):
    def check(server, session, envelope, mechanism, data):
        given = isinstance(data, LoginPassword) and f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == expected, handled=False)

    return check


async def serve(options):
    context = server_context(options.ca) if options.tls else None
    starttls = options.tls == "starttls"

    def session():
        return SMTP(
            Handler(options),
            hostname="sink.example",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_required=bool(options.auth),
            auth_require_tls=starttls,
            authenticator=authenticator(options.auth) if options.auth else None,
        )

    loop = asyncio.get_running_loop()
    implicit = context if options.tls == "implicit" else None
    server = await loop.create_server(session, "127.0.0.1", options.port, ssl=implicit)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--ca")
    parser.add_argument("--auth")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--reply", action="append", default=[])
    asyncio.run(serve(parser.parse_args()))


main()
