"""What a webhook receiver in Python usually is: aiohttp, the signature, one committed row. Prints its port.

python3 accept.py FILE SECRET   (needs aiohttp)
"""

import hashlib
import hmac
import sqlite3
import sys

from aiohttp import web

file, secret = sys.argv[1], sys.argv[2].encode()
db = sqlite3.connect(file)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = FULL")
db.execute("CREATE TABLE inbox (delivery_id TEXT PRIMARY KEY, event TEXT, body TEXT)")


async def receive(request):
    body = await request.read()
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("X-Hub-Signature-256", "")):
        return web.Response(status=401)
    row = (request.headers["X-GitHub-Delivery"], request.headers["X-GitHub-Event"], body.decode())
    db.execute("INSERT OR IGNORE INTO inbox VALUES (?, ?, ?)", row)
    db.commit()
    return web.Response()


async def started(app):
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("listening on http://127.0.0.1:%d" % site._server.sockets[0].getsockname()[1], flush=True)
    return runner


if __name__ == "__main__":
    import asyncio

    app = web.Application()
    app.router.add_post("/webhooks/github", receive)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(started(app))
    loop.run_forever()
