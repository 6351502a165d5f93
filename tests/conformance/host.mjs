// SPDX-License-Identifier: Apache-2.0
// What is outside of a page, for a journey: run.py at the other end of standard input and output.
// Lines from there are messages ({to, text}) or the end of something that was asked for ({done}).
import { createInterface } from "node:readline";

export function connectHost() {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const waiting = [];

  async function next(wanted) {
    for (;;) {
      const at = waiting.findIndex(wanted);
      if (at >= 0) return waiting.splice(at, 1)[0];
      const { value, done } = await lines.next();
      if (done) throw new Error("nothing more comes");
      waiting.push(JSON.parse(value));
    }
  }
  const codeIn = (message) => /\b(?:\d{8}|\d{6})\b/.exec(message.text ?? "")?.[0];

  return {
    async nextCode(to) {
      return codeIn(await next((one) => codeIn(one) && JSON.stringify(one.to).includes(to)));
    },
    async control(...words) {
      console.log(`do: ${JSON.stringify(words)}`);
      const { done } = await next((one) => "done" in one);
      if (done !== true) throw new Error(`${words}: ${done}`);
    },
    step(text) {
      console.log(`ok: ${text}`);
    },
  };
}
