"""A watch of values of 200 kB. This client takes each HTTP chunk for a document, so a store must send each in one.

etcd sends the line feed of a large document in a chunk of its own, which ends this client's watch without a word. What is
compared is therefore what a chunk holds; the watch itself follows only where the chunks are such that it can work.
"""

import itertools
import json

import requests
from etcd3gw.client import Etcd3Client

from support.steps import PATIENCE, endpoint, note

HOST, PORT = endpoint()
VALUES = [bytes([65 + number]) * 200_000 for number in range(5)]
client = Etcd3Client(HOST, PORT, api_path="/v3/", timeout=PATIENCE)
for value in VALUES:
    client.put("large", value)


def is_document(chunk):
    try:
        json.loads(chunk)
        return True
    except ValueError:
        return False


def chunks():
    body = {"create_request": {"key": "bGFyZ2U=", "start_revision": 2}}
    with requests.post(f"http://{HOST}:{PORT}/v3/watch", json=body, stream=True, timeout=PATIENCE) as watch:
        seen = 0
        for chunk in watch.iter_content(chunk_size=None):
            yield chunk
            seen += len(chunk)
            # Base64 makes four bytes of three. The last document is over with its line feed.
            if seen > 5 * 200_000 * 4 / 3 and chunk.endswith(b"\n"):
                return


whole = all([is_document(chunk) for chunk in chunks()])
note("each chunk is a document", whole)
if not whole:
    note("values received", "not tried")
else:
    # Twenty more, live, while others are written.
    found, cancel = client.watch("large", start_revision=2)
    for value in VALUES * 4:
        client.put("large", value)
        client.put("other", value)
    received = [event["kv"]["value"] for event in itertools.islice(found, 25)]
    cancel()
    note("values received", received == VALUES * 5)
