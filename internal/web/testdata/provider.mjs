// SPDX-License-Identifier: Apache-2.0
// A tiny OpenID Connect provider for a test: node provider.mjs LIBRARY REDIRECT
// It lets everybody in under the name they type, and prints its address.
import http from "node:http";
import { pathToFileURL } from "node:url";

const [library, redirect] = process.argv.slice(2);
console.warn = console.info = () => {};
const { default: Provider } = await import(pathToFileURL(library));

const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
	const issuer = `http://127.0.0.1:${server.address().port}`;
	const provider = new Provider(issuer, {
		clients: [{ client_id: "fera", client_secret: "a-secret-of-the-test", redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"] }],
		claims: { openid: ["sub"], email: ["email", "email_verified"] },
		pkce: { required: () => true },
		cookies: { keys: ["a-key-of-the-test"] },
		findAccount: (ctx, id) => ({
			accountId: id,
			claims: () => ({ sub: id, email: `${id.replace(/^unverified-/, "")}@bnsk.example`, email_verified: !id.startsWith("unverified-") }),
		}),
	});
	server.on("request", provider.callback());
	process.stdout.write(issuer + "\n");
});
