// Keys, ranges, transactions, leases, locks and elections by the etcd3 client for Node.
import { Etcd3, EtcdLockFailedError } from 'etcd3';
import { callIt, endpoints, note, once, step, until } from './lib.mjs';

const client = new Etcd3({ hosts: endpoints });
const entries = found => found.kvs.map(kv => [kv.key, kv.value, kv.create_revision, kv.mod_revision, kv.version, kv.lease].map(String).join(' '));

async function keys() {
  await step('put', () => client.put('hello').value('world'), found => found.header.revision);
  await step('put with the previous', () => client.put('hello').value('again').getPrevious(), found => `${found.key} ${found.value} ${found.version}`);
  await step('put a number', () => client.put('number').value(42), found => found.header.revision);
  await step('put bytes', () => client.put(Buffer.from([0, 255])).value(Buffer.from([254, 0])), found => found.header.revision);
  await step('put empty', () => client.put('empty').value(''), found => found.header.revision);
  await step('touch', () => client.put('hello').touch(), found => found.header.revision);
  await step('touch nothing', () => client.put('nothing').touch());
  await step('get', () => client.get('hello').string());
  await step('get a number', () => client.get('number').number());
  await step('get bytes', () => client.get(Buffer.from([0, 255])).buffer(), found => found.toString('hex'));
  await step('get empty', () => client.get('empty').string(), found => `"${found}"`);
  await step('get nothing', () => client.get('nothing'));
  await step('exists', async () => [await client.get('hello').exists(), await client.get('nothing').exists()].join(' '));
  await step('get at a revision', () => client.get('hello').revision(2).string());
  await step('get at a revision to come', () => client.get('hello').revision(99999).string());
  await step('get serializable', () => client.get('hello').serializable(true).exec(), entries);
  await step('get of no key', () => client.get('').string());
  for (const name of ['b', 'c', 'a', 'b', 'c', 'b']) {
    await client.put(`dir/${name}`).value(`value of ${name}`);
  }
  await client.put('dire').value('outside');
  await step('all of a prefix', () => client.getAll().prefix('dir/'));
  await step('keys of a prefix', () => client.getAll().prefix('dir/').keys());
  await step('count', () => client.getAll().prefix('dir/').count());
  await step('limit', () => client.getAll().prefix('dir/').limit(2).exec(), found => [`${found.more} ${found.count}`, ...entries(found)]);
  for (const target of ['Key', 'Version', 'Create', 'Mod', 'Value']) {
    for (const order of ['Ascend', 'Descend']) {
      await step(`by ${target}, ${order}`, () => client.getAll().prefix('dir/').sort(target, order).keys());
    }
  }
  await step('a range', () => client.getAll().inRange({ start: 'dir/a', end: 'dir/c' }).keys());
  await step('from a key on', () => client.getAll().inRange(client.range({ start: 'dire', end: '\0' })).keys());
  await step('by revisions', () => client.getAll().prefix('dir/').minModRevision(11).maxModRevision(12).keys());
  await step('by revisions of creation', () => client.getAll().prefix('dir/').minCreateRevision(9).maxCreateRevision(9).keys());
  await step('everything', () => client.getAll().all().count());
  const other = client.namespace('space/');
  await other.put('a').value('1');
  await step('a namespace', async () => [await other.getAll().all().keys(), await client.get('space/a')].join(' '));
  await step('delete', () => client.delete().key('hello'), found => found.deleted);
  await step('delete again', () => client.delete().key('hello'), found => found.deleted);
  await step('delete with the previous', () => client.delete().key('dir/a').getPrevious(), found => found.map(kv => `${kv.key} ${kv.value}`));
  await step('delete a prefix', () => client.delete().prefix('dir/'), found => `${found.deleted} ${found.header.revision}`);
}

async function transactions() {
  await client.put('t').value('1');
  await step('if, then', () => client.if('t', 'Value', '==', '1').and('t', 'Version', '>', 0).and('no', 'Create', '==', 0)
    .then(client.put('t').value('2'), client.get('t'), client.delete().key('number')).else(client.get('t')).commit(), shape);
  await step('if, else', () => client.if('t', 'Value', '==', '1').then(client.put('t').value('never')).else(client.get('t')).commit(), shape);
  await step('not equal', () => client.if('t', 'Value', '!=', '1').then(client.get('t')).commit(), shape);
  await step('less', () => client.if('t', 'Mod', '<', 5).then(client.get('t')).else(client.getAll().prefix('t')).commit(), shape);
  await step('the same key twice', () => client.if('t', 'Version', '>', 0).then(client.put('t').value('1'), client.put('t').value('2')).commit());
  const stm = client.stm({ retries: 0, isolation: 3, prefetch: ['t'] });
  await step('software transaction', () => stm.transact(async tx => {
    await tx.put('t').value(`${await tx.get('t')}!`);
  }).then(() => client.get('t')));
}

const shape = found => [
  `${found.succeeded} ${found.header.revision}`,
  ...found.responses.map(each => `${each.response} ${each.response_range ? entries(each.response_range) : ''}`),
];

async function leases() {
  const lease = client.lease(60);
  const leaseId = await lease.grant();
  callIt('lease', leaseId);
  await step('put with a lease', () => lease.put('on/lease').value('1'), found => found.header.revision);
  await step('the key', () => client.get('on/lease').exec(), entries);
  await step('keep alive once', () => lease.keepaliveOnce(), found => `${found.TTL}`);
  await step('time to live', () => client.leaseClient.leaseTimeToLive({ ID: leaseId, keys: true }),
    found => `${found.grantedTTL} ${found.keys.map(String)}`);
  await step('put that keeps the lease', () => client.put('on/lease').value('2').ignoreLease());
  await step('the key after that', () => client.get('on/lease').exec(), entries);
  await step('revoke', () => lease.revoke());
  await step('the key in the end', () => client.get('on/lease'));
  const again = client.lease(60, { autoKeepAlive: false });
  const id = await again.grant();
  callIt('another', id);
  const lost = once(again, 'lost');
  await client.leaseClient.leaseRevoke({ ID: id });
  again.keepaliveOnce().catch(() => undefined);
  await step('a lease that is lost', () => lost, fault => fault.constructor.name);
  await step('put with it', () => client.put('on/lease').value('1').lease(id));
  const kept = client.lease(1);
  await kept.put('kept').value('1');
  const beats = [];
  kept.on('keepaliveSucceeded', found => beats.push(found.TTL));
  await until(() => beats.length >= 4, 'four keep-alives');
  await step('a short lease that is kept alive', () => client.get('kept'));
  kept.release();
  await until(async () => (await client.get('kept')) === null, 'the end of a lease that is kept no more');
}

async function locks() {
  const first = client.lock('name').ttl(60);
  await step('acquire', () => first.acquire(), () => 'acquired');
  callIt('lock', await first.leaseId());
  await step('the key of the lock', async () => (await client.getAll().all().keys()).filter(key => key.startsWith('name')));
  await step('acquire by another', () => client.lock('name').ttl(60).acquire());
  await step('release', () => first.release(), () => 'released');
  const second = client.lock('name').ttl(60);
  await step('acquire by another after that', () => second.acquire(), () => 'acquired');
  await step('release of that', () => second.release(), () => 'released');
  await step('do', () => client.lock('name').do(() => 'done'));
  // This client's lock does not wait, so each of ten tries until it has it.
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await client.put('inside').value(inside);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 10 }, () => until(
    () => client.lock('name').ttl(60).do(work).then(() => true, fault => {
      if (fault instanceof EtcdLockFailedError) {
        return false;
      }
      throw fault;
    }),
    'the lock')));
  note('at most inside of ten', most);
  await step('keys that are left', () => client.getAll().prefix('name').count());
}

async function elections() {
  const election = client.election('seat', 60);
  const observer = await election.observe();
  const seen = [];
  observer.on('change', value => seen.push(`${value}`));
  const first = election.campaign('first');
  await first.wait();
  // This client's observer takes whoever came last for the leader when it learns of two at once.
  await until(() => seen.includes('first'), 'the observer to see the first');
  await step('leader', () => election.leader());
  const second = election.campaign('second');
  await until(async () => (await client.getAll().prefix('election/seat/').count()) === 2, 'two candidates');
  await first.proclaim('first anew');
  await step('leader who proclaims', () => election.leader());
  await until(() => seen.includes('first anew'), 'the observer to see that');
  await first.resign();
  await second.wait();
  await step('the next leader', () => election.leader());
  await until(() => seen.at(-1) === 'second', 'the observer to see the next');
  note('what was observed', seen.filter(value => value !== 'undefined').join(', '));
  await second.resign();
  await step('nobody', () => election.leader());
  await observer.cancel();
}

async function cluster() {
  await step('members', () => client.cluster.memberList({}), found => found.members.map(each => `${each.name} ${each.clientURLs} ${each.ID}`));
  await step('status', () => client.maintenance.status(), found => [Object.keys(found).sort().join(' '), `${found.leader === found.header.member_id}`]);
  await step('hash', () => client.maintenance.hash(), found => typeof found.hash);
  await step('compact', () => client.kv.compact({ revision: 5, physical: true }), found => Object.keys(found).join(' '));
  await step('compact again', () => client.kv.compact({ revision: 5 }));
  await step('get what is gone', () => client.get('hello').revision(3).string());
}

await keys();
await transactions();
await leases();
await locks();
await elections();
await cluster();
client.close();
// Leases that this client gave up keep a timer for as long as they would have lived.
process.exit(0);
