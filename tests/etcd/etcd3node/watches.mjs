// Watches by the etcd3 client for Node, also through a connection that is cut again and again.
import { createServer, connect } from 'node:net';
import { Etcd3 } from 'etcd3';
import { endpoints, note, once, step, until } from './lib.mjs';

const client = new Etcd3({ hosts: endpoints });
const put = kv => `PUT ${kv.key} ${kv.value} ${kv.mod_revision} ${kv.version}`;
const deletion = kv => `DELETE ${kv.key} ${kv.mod_revision}`;

/** Opens a watch and notes its events in the order they come; history may come before one could listen to what `create` returns. */
async function open(builder) {
  const watcher = builder.watcher();
  const seen = record(watcher);
  await once(watcher, 'connected');
  return [watcher, seen];
}

function record(watcher) {
  const seen = [];
  watcher.on('put', (kv, previous) => seen.push(put(kv) + (previous ? ` before ${previous.value}` : '')));
  watcher.on('delete', (kv, previous) => seen.push(deletion(kv) + (previous ? ` before ${previous.value}` : '')));
  return seen;
}

async function history() {
  await client.put('h/a').value('1');
  await client.put('h/a').value('2');
  await client.put('h/b').value('3');
  await client.delete().key('h/a');
  const [watcher, seen] = await open(client.watch().prefix('h/').startRevision('2').withPreviousKV());
  await until(() => seen.length >= 4, 'four events of the past');
  note('history with the previous', ...seen);
  await watcher.cancel();
  const [puts, putsSeen] = await open(client.watch().prefix('h/').startRevision('2').only('put'));
  await until(() => putsSeen.length >= 3, 'three puts');
  await client.delete().key('h/b');
  await client.put('h/end').value('x');
  await until(() => putsSeen.length >= 4, 'the put after a deletion');
  note('puts alone', ...putsSeen);
  await puts.cancel();
}

async function live() {
  const [one, oneSeen] = await open(client.watch().key('l/one'));
  const [range, rangeSeen] = await open(client.watch().inRange({ start: 'l/a', end: 'l/p' }));
  await client.put('l/one').value('1');
  await client.put('l/two').value('2');
  await client.if('l/one', 'Version', '>', 0).then(client.put('l/b').value('3'), client.delete().key('l/one')).commit();
  await until(() => oneSeen.length >= 2 && rangeSeen.length >= 3, 'live events');
  note('one key', ...oneSeen);
  note('a range', ...rangeSeen);
  await one.cancel();
  await client.put('l/one').value('after the cancel');
  await until(() => rangeSeen.length >= 4, 'the other watch to go on');
  note('cancelled', oneSeen.length);
  await range.cancel();
}

async function refused() {
  await client.kv.compact({ revision: 4 });
  const watcher = client.watch().prefix('h/').startRevision('2').watcher();
  await step('the past that is gone', () => once(watcher, 'error'), fault => `${fault.constructor.name}: ${fault.message.split('\n')[0]}`);
}

/** Ends its connections when told so, and takes new ones. */
function proxy() {
  const [host, port] = endpoints[0].split(':');
  const sockets = new Set();
  const server = createServer(incoming => {
    const outgoing = connect(Number(port), host);
    for (const [from, to] of [[incoming, outgoing], [outgoing, incoming]]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  return new Promise(done => server.listen(0, '127.0.0.1', () => done({
    address: `127.0.0.1:${server.address().port}`,
    cut: () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      sockets.clear();
    },
    close: () => server.close(),
  })));
}

async function resumed() {
  const between = await proxy();
  const away = new Etcd3({ hosts: between.address });
  const [watcher, seen] = await open(away.watch().prefix('r/'));
  let cuts = 0;
  watcher.on('disconnected', () => { cuts += 1; });
  for (let round = 0; round < 5; round++) {
    const connected = once(watcher, 'connected');
    const had = seen.length;
    await client.put(`r/${round}/before`).value('x');
    await until(() => seen.length > had, 'an event before the cut');
    between.cut();
    await client.put(`r/${round}/during`).value('x');
    await client.delete().key(`r/${round}/before`);
    await connected;
    await until(() => seen.length >= (round + 1) * 3, 'what happened during the cut');
  }
  note('events over five cuts', seen.length, seen.map(each => each.replace(/ \d+( \d+)?$/, '')).join('; '));
  note('cut', cuts >= 5);
  await watcher.cancel();
  away.close();
  between.close();
}

await history();
await live();
await refused();
await resumed();
client.close();
// Leases that this client gave up keep a timer for as long as they would have lived.
process.exit(0);
