// A program as a user would write it, on the client generated from openapi/restkv.json: puts, gets, lists, runs a
// transaction and follows a watch. Ends with exit code 0 and "ok" when everything was as it should be.
import { client } from './generated/client.gen';
import { deleteKeys, getValue, listKeys, putValue, runTransaction, watchKeys } from './generated/sdk.gen';
import type { KeyPage, PutResult, TxnResult } from './generated/types.gen';

const baseUrl = process.argv[2];
if (!baseUrl) throw new Error('usage: client.ts BASE_URL');
client.setConfig({ baseUrl, throwOnError: true });

function check(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

const prefix = `ts-${Date.now()}/`;

// 1. Put and get, with a slash in the key.
const put = await putValue({ path: { key: `${prefix}a` }, body: new Blob(['one']), throwOnError: true });
const first = put.data as PutResult;
check(first.created, 'the key was new');
const got = await getValue({ path: { key: `${prefix}a` }, parseAs: 'text', throwOnError: true });
check((got.data as unknown as string) === 'one', `the value came back, not ${JSON.stringify(got.data)}`);
check(got.response.headers.get('etag') === `"${first.rev}"`, 'the ETag is the revision');

// 2. A lost race is a problem with its current state.
const lost = await putValue({
  path: { key: `${prefix}a` }, headers: { 'If-Match': '"1"' }, body: new Blob(['two']), throwOnError: false,
});
check(lost.response.status === 412, 'If-Match on another revision is 412');
check(lost.error?.code === 'precondition-failed' && lost.error.outcome === 'not-applied', 'the problem says so');

// 3. A transaction.
const txn = await runTransaction({
  body: {
    if: [{ key: `${prefix}a`, modRev: first.rev }, { key: `${prefix}b`, exists: false }],
    then: [{ put: { key: `${prefix}b`, value: 'two' } }, { put: { key: `${prefix}c`, value: 'three' } }],
  },
  throwOnError: true,
});
const ran = txn.data as TxnResult;
check(ran.succeeded && ran.rev === first.rev + 1, 'the transaction took one revision');

// 4. A list, page by page.
const keys: string[] = [];
let cursor: string | undefined;
do {
  const page = (await listKeys({ query: { prefix, limit: 2, cursor }, throwOnError: true })).data as KeyPage;
  keys.push(...(page.items ?? []).map((item) => item.key ?? '?'));
  cursor = page.next as string | undefined;
} while (cursor);
check(keys.join() === ['a', 'b', 'c'].map((name) => prefix + name).join(), `three keys in order, not ${keys.join()}`);

// 5. A watch from the past that goes on live.
const seen: string[] = [];
const abort = new AbortController();
const events = await watchKeys({
  query: { prefix: [prefix], from: first.rev },
  signal: abort.signal,
  sseMaxRetryAttempts: 1,
});
let deleted = false;
for await (const event of events.stream) {
  const data = event as { key?: string; modRev?: number; value?: string };
  if (!data.key) continue;
  seen.push(`${data.key.slice(prefix.length)}@${data.modRev! - first.rev}${data.value === undefined ? ' gone' : ''}`);
  if (seen.length === 3 && !deleted) {
    deleted = true;
    await deleteKeys({ query: { prefix }, throwOnError: true });
  }
  if (seen.length === 6) break;
}
abort.abort();
check(
  seen.join() === ['a@0', 'b@1', 'c@1', 'a@2 gone', 'b@2 gone', 'c@2 gone'].join(),
  `all changes in order, not ${seen.join()}`,
);
console.log('ok');
process.exit(0);
