// A browser's EventSource on RestKv: cut off in the middle of events again and again, it misses nothing and sees nothing out of
// order. Usage: node eventsource.mjs http://127.0.0.1:PORT
import assert from 'node:assert/strict';
import { launch } from './lib/browser.mjs';
import { CuttingProxy } from './lib/proxy.mjs';
import { record } from './lib/recorder.mjs';

const DEADLINE_MS = 120_000;
const node = process.argv[2];
assert.ok(node, 'usage: node eventsource.mjs http://127.0.0.1:PORT');

const put = (key, value) => send('PUT', `/v1/kv/${key}`, value);
const remove = (key) => send('DELETE', `/v1/kv/${key}`);
const txn = (...keys) => send('POST', '/v1/txn', JSON.stringify({ then: keys.map((key) => ({ put: { key, value: 'v' } })) }));

async function send(method, path, body) {
  const headers = method === 'POST' ? { 'Content-Type': 'application/json' } : {};
  const response = await fetch(node + path, { method, body, headers });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return (await response.json()).rev;
}

async function eventually(condition, what) {
  const end = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function until(page, url, condition, what) {
  let log;
  await eventually(async () => condition((log = await page.evaluate((key) => globalThis.logs[key], url))), what);
  return log;
}

const changes = (log) => log.events.filter((event) => event.name === 'put' || event.name === 'delete');
const label = (event) => `${event.name} ${event.data.key} ${event.data.modRev}`;

// The client's rule: what comes again of a revision that was cut is the same again.
function withoutRepetition(events) {
  const seen = new Set();
  return events.filter((event) => !seen.has(label(event)) && seen.add(label(event)));
}

function checkOrder(events) {
  let complete = 0;
  let last = 0;
  for (const event of events) {
    const revision = event.data.modRev;
    assert.ok(revision > complete, `${label(event)} comes again after id ${complete}`);
    assert.ok(revision >= last, `${label(event)} after revision ${last}`);
    last = revision;
    if (Number(event.id) === revision) complete = revision;
  }
}

async function resumesAfterCuts(page, proxy) {
  const url = '/v1/watch?prefix=cut/&prev=true';
  await page.evaluate(record, url);
  const opened = await until(page, url, (log) => log.events.length > 0, 'the stream');
  const from = opened.events[0].data.from;
  // Small steps, so that cuts fall into heads, data, ids and between the events of one revision.
  for (const bytes of [37, 203, 411, 620]) {
    proxy.cutAfter(bytes);
    const cuts = proxy.cuts;
    for (let i = 0; i < 12; i++) {
      await put(`cut/${i}`, 'x'.repeat(50));
      await txn(`cut/a${i}`, `cut/b${i}`, 'elsewhere');
      await remove(`cut/${i}`);
    }
    await eventually(() => proxy.cuts === cuts + 1, 'the cut');
    const revision = await put('cut/mark', 'm');
    await until(page, url, (log) => log.events.some((event) => event.data.modRev === revision), `revision ${revision}`);
  }

  const last = await put('cut/end', 'e');
  const log = await until(page, url, (all) => all.events.some((event) => event.data.modRev === last), 'the end');
  const fresh = `/v1/watch?prefix=cut/&prev=true&from=${from}`;
  await page.evaluate(record, fresh);
  const whole = await until(page, fresh, (all) => all.events.some((event) => event.data.modRev === last), 'the whole history');

  checkOrder(changes(log));
  assert.deepEqual(withoutRepetition(changes(log)).map(label), changes(whole).map(label));
  assert.ok(changes(log).length >= 4 * 12 * 4, 'there was something to miss');
  assert.ok(log.connections >= 5, `${log.connections} connections`);
  return `${changes(log).length} events over ${log.connections} connections, ${proxy.cuts} cuts`;
}

async function healsWithResync(page) {
  await put('heal/a', '1');
  const url = '/v1/watch?prefix=heal/&snapshot=true&resync=true&maxLife=2s';
  await page.evaluate(record, url);
  await until(page, url, (log) => log.events.some((event) => event.name === 'closing'), 'the end of its life');

  // While the browser is away, one to three seconds, its place is compacted and the key changes. (While it is there it is sent
  // a bookmark in time, so more than one try may be needed to meet it away.)
  let log;
  await eventually(async () => {
    await put('heal/a', '2');
    await send('POST', '/v1/compact', JSON.stringify({ rev: await put('elsewhere', 'x') }));
    log = await page.evaluate((key) => globalThis.logs[key], url);
    return log.events.some((event) => event.name === 'reset');
  }, 'a reset');
  // At least: its next life may have met the last compaction, too.
  log = await until(page, url, (all) => all.events.filter((event) => event.name === 'synced').length >= 2, 'the second snapshot');
  const names = log.events.map((event) => event.name);
  const reset = names.indexOf('reset');
  assert.deepEqual(names.slice(0, 3), ['open', 'put', 'synced']);
  assert.deepEqual(names.slice(reset - 1, reset + 3), ['open', 'reset', 'put', 'synced']);
  assert.equal(log.events[reset + 1].data.value, '2');
  return names.join(' ');
}

async function stopsAtGone(page) {
  const url = '/v1/watch?prefix=heal/&from=1';
  await page.evaluate(record, url);
  const log = await until(page, url, (all) => all.isOver === true, 'the browser gives up at 410');
  assert.equal(log.events.length, 0);
  return 'closed for good';
}

const proxy = await CuttingProxy.start(Number(new URL(node).port));
const browser = await launch();
let failures = 0;
try {
  for (const scenario of [resumesAfterCuts, healsWithResync, stopsAtGone]) {
    const page = await browser.newPage();
    try {
      // Any page of the same origin will do.
      await page.goto(`http://127.0.0.1:${proxy.port}/version`);
      console.log(`ok ${scenario.name}: ${await scenario(page, proxy)}`);
    } catch (error) {
      failures++;
      console.log(`not ok ${scenario.name}: ${error.stack}`);
    }
    await page.close();
  }
} finally {
  await browser.close();
  await proxy.stop();
}
process.exit(failures === 0 ? 0 : 1);
