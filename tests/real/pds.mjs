// A real Bluesky PDS with a PLC directory in memory, both on 127.0.0.1 only. Prints {"url": …} once it answers.
// usage: node pds.mjs FOLDER-WITH-node_modules DATA-FOLDER PDS-PORT PLC-PORT
import net from "node:net";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [installed, data, port, plcPort] = process.argv.slice(2);

// Both servers call listen(port), which would bind every interface.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  return typeof args[0] === "number" ? listen.call(this, { port: args[0], host: "127.0.0.1" }, ...args.slice(1)) : listen.apply(this, args);
};

const require = createRequire(path.join(path.resolve(installed), "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const plc = await load("@did-plc/server");
const pdsModule = await load("@atproto/pds");

const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: Number(plcPort) });
await directory.start();

const environment = {
  devMode: true,
  port: Number(port),
  hostname: "localhost",
  serviceHandleDomains: [".test"],
  dataDirectory: data,
  blobstoreDiskLocation: path.join(data, "blobs"),
  didPlcUrl: `http://127.0.0.1:${plcPort}`,
  jwtSecret: "jwt-secret-for-tests",
  adminPassword: "admin-password",
  plcRotationKeyK256PrivateKeyHex: "3ee68ca3edd0a7c3a4d6ba7ed9c6ee1ea1b0d2e3f4051627384950617283940a",
  inviteRequired: false,
  rateLimitsEnabled: false,
  disableSsrfProtection: true,
  bskyAppViewUrl: "http://127.0.0.1:1",
  bskyAppViewDid: "did:web:nowhere.test",
};
const { PDS, envToCfg, envToSecrets } = pdsModule;
const server = await PDS.create(envToCfg(environment), envToSecrets(environment));
await server.start();
console.log(JSON.stringify({ url: `http://localhost:${port}` }));
process.on("SIGTERM", () => process.exit(0));
