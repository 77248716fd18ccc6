"""Verifies one signed webhook with the reference library: standard input is the body, arguments are the secret, and
the three headers' values. Prints the parsed type; fails when the signature or the timestamp is wrong."""

import sys

from standardwebhooks.webhooks import Webhook

secret, message_id, timestamp, signature = sys.argv[1:]
headers = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
print(Webhook(secret).verify(sys.stdin.buffer.read(), headers)["type"])
