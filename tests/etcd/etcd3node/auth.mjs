// Roles, users and authentication by the etcd3 client for Node, which logs in again when its token is no longer taken.
import { Etcd3 } from 'etcd3';
import { endpoints, note, step } from './lib.mjs';

const client = new Etcd3({ hosts: endpoints });
const ranges = found => found.map(each => `${each.permission} ${each.range.start} ${each.range.end}`);
const named = found => found.map(each => each.name);
// It asks only when an answer is needed, so that a client without rights can be made.
const as = (username, password) => new Etcd3({ hosts: endpoints, auth: { username, password } });

const [root, reader] = [client.role('root'), client.role('reader')];
await step('create the role root', () => root.create(), () => 'created');
await step('create a role', () => reader.create(), () => 'created');
await step('create it again', () => reader.create());
await step('grant a prefix', () => reader.grant({ permission: 'Read', range: client.range({ prefix: 'app/' }) }), () => 'granted');
await step('grant a key', () => reader.grant({ permission: 'Readwrite', key: 'own' }), () => 'granted');
await step('permissions', () => reader.permissions(), ranges);
await step('revoke a key', () => reader.revoke({ permission: 'Readwrite', key: 'own' }), () => 'revoked');
await step('permissions after that', () => reader.permissions(), ranges);
await step('permissions of nothing', () => client.role('nothing').permissions());
await step('roles', () => client.getRoles(), named);
const [admin, alice] = [client.user('root'), client.user('alice')];
await step('create root', () => admin.create('secret'), () => 'created');
await step('create a user', () => alice.create('pass'), () => 'created');
await step('create it again', () => alice.create('pass'));
await step('add a role', () => alice.addRole('reader'), () => 'added');
await step('add a role that is not there', () => alice.addRole('nothing'));
await step('roles of the user', () => alice.roles(), named);
await step('users', () => client.getUsers(), named);
await step('add the role root', () => admin.addRole('root'), () => 'added');
await client.put('app/a').value('1');
await client.put('other').value('2');
await step('enable', () => client.auth.authEnable(), () => 'enabled');

await step('without a name', () => client.get('app/a').string());
await step('a wrong password', () => as('alice', 'wrong').get('app/a').string());
const [boss, user] = [as('root', 'secret'), as('alice', 'pass')];
await step('get what she may', () => user.get('app/a').string());
await step('get what she may not', () => user.get('other').string());
await step('put what she may not', () => user.put('app/a').value('x'));
await step('a prefix she may', () => user.getAll().prefix('app/'));
await step('all', () => user.getAll().all());
await step('a transaction she may not', () => user.if('app/a', 'Version', '>', 0).then(user.put('app/a').value('x')).commit());
const watcher = await user.watch().prefix('app/').create();
const event = new Promise(done => watcher.on('put', done));
await boss.put('app/a').value('by root');
await step('watch what she may', () => event, kv => `${kv.key} ${kv.value}`);
await watcher.cancel();

// Each ends the tokens of the user; the client must not let anybody notice.
for (const password of ['pass', 'pass']) {
  await boss.user('alice').setPassword(password);
  await step('get after a change of the password', () => user.get('app/a').string());
}
await boss.user('alice').setPassword('changed');
await step('get after a change to another password', () => user.get('app/a').string());
await step('rights taken away', () => boss.user('alice').removeRole('reader'), () => 'removed');
await step('get after that', () => as('alice', 'changed').get('app/a').string());
await step('delete the user', () => boss.user('alice').delete(), () => 'deleted');
await step('delete the role', () => boss.role('reader').delete(), () => 'deleted');
await step('disable', () => boss.auth.authDisable(), () => 'disabled');
await step('without a name again', () => client.get('app/a').string());
note('end');
process.exit(0);
