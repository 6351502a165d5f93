// SPDX-License-Identifier: Apache-2.0
// The journeys in plain Node. in_node.mjs AUTHORITY PART
import { connectHost } from "./host.mjs";
import { play } from "./journeys.mjs";

globalThis.window = globalThis;
globalThis.navigator ??= { onLine: true };
globalThis.crypto ??= (await import("node:crypto")).webcrypto; // Node 18, which Debian 12 has
const { CustomAuthPublicClientApplication } = await import("@azure/msal-browser/custom-auth");

const [authority, part] = process.argv.slice(2);
await play(part, { ...connectHost(), authority, create: (config) => CustomAuthPublicClientApplication.create(config) });
process.exit(0);
