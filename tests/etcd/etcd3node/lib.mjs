// What the scripts for Node have in common: each step becomes a block of the transcript.
import { appendFileSync } from 'node:fs';

const patience = 60_000;
export const endpoints = process.env.ENDPOINTS.split(',');

/** Tells the driver what to call an id that differs from run to run. */
export function callIt(name, number) {
  const value = BigInt(number);
  for (const spelling of [`${value}`, value.toString(16), value.toString(16).padStart(16, '0')]) {
    appendFileSync(process.env.NAMES, `${name}\t${spelling}\n`);
  }
}

export function note(title, ...lines) {
  console.log(`$ ${title}`);
  for (const line of lines) {
    console.log(typeof line === 'string' ? line : JSON.stringify(line));
  }
}

/** Does it and shows what it returned, or what it threw. Returns what it returned. */
export async function step(title, action, show = found => found) {
  try {
    const found = await action();
    note(title, ...[show(found) ?? `${found}`].flat());
    return found;
  } catch (fault) {
    note(title, `! ${fault.constructor.name}: ${fault.message.split('\n')[0]}`);
    return undefined;
  }
}

/** Waits for a condition. The deadline says when to give up, not how fast a store must be. */
export async function until(condition, what) {
  const end = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`gave up waiting for: ${what}`);
    }
    await new Promise(done => setTimeout(done, 10));
  }
}

/** The next event of an emitter, or an error when it does not come. */
export function once(emitter, event) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`gave up waiting for: ${event}`)), patience);
    emitter.once(event, value => {
      clearTimeout(timer);
      done(value);
    });
  });
}
