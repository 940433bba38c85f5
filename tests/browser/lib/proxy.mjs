// A TCP proxy that cuts connections where it is told to: after so many bytes of the answer, wherever in an event that is.
import net from 'node:net';

export class CuttingProxy {
  #server;
  #sockets = new Set();
  #budget = Infinity;
  cuts = 0;

  static async start(targetPort) {
    const proxy = new CuttingProxy();
    proxy.#server = net.createServer((client) => proxy.#forward(client, targetPort));
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.#server.address().port;
    return proxy;
  }

  // The next bytes of event streams still pass, then their connection ends.
  cutAfter(bytes) {
    this.#budget = bytes;
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(client, targetPort) {
    const upstream = net.connect(targetPort, '127.0.0.1');
    let isStream = false;
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      isStream ||= bytes.includes('text/event-stream');
      if (!isStream || bytes.length < this.#budget) {
        if (isStream) this.#budget -= bytes.length;
        client.write(bytes);
        return;
      }
      const rest = bytes.subarray(0, this.#budget);
      this.#budget = Infinity;
      this.cuts++;
      client.end(rest);
      upstream.destroy();
    });
  }
}
