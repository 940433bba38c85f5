// Runs in the page: an EventSource and everything it said.
export function record(url) {
  const names = ['open', 'put', 'delete', 'progress', 'synced', 'reset', 'compacted', 'closing'];
  const source = new EventSource(url);
  const log = { events: [], connections: 0, errors: 0 };
  globalThis.logs ??= {};
  globalThis.logs[url] = log;
  source.onerror = () => {
    log.errors++;
    log.isOver = source.readyState === EventSource.CLOSED;
  };
  for (const name of names) {
    source.addEventListener(name, (event) => {
      // EventSource calls its own connection event `open`, too; ours has data.
      if (typeof event.data !== 'string') {
        log.connections++;
        return;
      }
      log.events.push({ name, id: event.lastEventId, data: JSON.parse(event.data) });
    });
  }
}
