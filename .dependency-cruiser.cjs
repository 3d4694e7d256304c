/**
 * Who may import whom, as docs/contributing.md says it in words. What is not named is not allowed; cycles never.
 */
const swc = require("@swc/core");

// dependency-cruiser asks swc for TypeScript without JSX, and swc is the one parser it has for TypeScript 7.
const { parseFileSync } = swc;
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith(".tsx") });

const cosem = (folder) => `^cosem/${folder}/`;

const allowed = [
  // inside one folder
  { from: { path: "^(cosem|src)/([^/]+)/", pathNot: "^src/views/" }, to: { path: "^$1/$2/" } },
  { from: { path: "^src/views/([^/]+)/" }, to: { path: "^src/views/$1/" } },
  { from: { path: "^conformance/" }, to: { path: "^(conformance|cosem)/" } },
  { from: { path: "^web/src/" }, to: { path: "^web/src/|^src/views/rest/contract\\.ts$|^src/views/rest/contract/" } },
  // cosem
  { from: { path: cosem("model") }, to: { path: cosem("codec") } },
  { from: { path: cosem("apdu") }, to: { path: "^cosem/(model|codec)/" } },
  { from: { path: cosem("association") }, to: { path: "^cosem/(apdu|model|security|codec)/" } },
  { from: { path: cosem("classes") }, to: { path: "^cosem/(model|codec)/" } },
  { from: { path: cosem("registry") }, to: { path: "^cosem/(classes|model|codec|security)/" } },
  { from: { path: "^cosem/(framing|security)/" }, to: { path: cosem("codec") } },
  { from: { path: "^cosem/index\\.ts$" }, to: { path: "^cosem/" } },
  // src
  { from: { path: "^src/(transport|scheduler|accounts|platform)/" }, to: { path: "^src/ports/" } },
  { from: { path: "^src/services/" }, to: { path: "^(cosem/|src/(services|mbus|mapping|ports)/)" } },
  { from: { path: "^src/simulator/" }, to: { path: "^src/(mbus|ports)/" } },
  { from: { path: "^src/mbus/" }, to: { path: "^src/ports/|^cosem/codec/bytes\\.ts$" } },
  { from: { path: "^src/readout/" }, to: { path: "^src/(mbus|ports)/" } },
  { from: { path: "^src/mapping/" }, to: { path: "^cosem/|^src/(mbus|ports)/" } },
  { from: { path: "^src/store/" }, to: { path: "^cosem/|^src/ports/" } },
  { from: { path: "^src/views/" }, to: { path: "^cosem/|^src/ports/|^src/services/[^/]+/contract\\.ts$" } },
  // settings: their types, and the reader of YAML files against a schema that maps and layouts share with them
  { from: { path: "^src/(views|services)/" }, to: { path: "^src/settings/types\\.ts$" } },
  { from: { path: "^src/views/" }, to: { path: "^src/settings/checked-yaml\\.ts$" } },
  { from: { path: "^src/host/" }, to: { path: "^(src|cosem|conformance)/" } },
  // outside: Node and packages; where cosem may reach is forbidden below
  { from: {}, to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-peer", "npm-optional"] } },
  { from: { path: "^web/src/" }, to: { path: "\\.css$" } },
  // not installed with Node 20: see src/store/driver.ts
  { from: { path: "^src/store/driver\\.ts$" }, to: { path: "^better-sqlite3$" } },
];

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "not-resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^better-sqlite3$" },
    },
    {
      name: "cosem-is-pure",
      severity: "error",
      from: { path: "^cosem/", pathNot: "^cosem/security/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "cosem-security-crypto-only",
      severity: "error",
      from: { path: "^cosem/security/" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    {
      name: "cosem-packages",
      severity: "error",
      from: { path: "^cosem/" },
      to: { path: "node_modules", pathNot: "node_modules/asn1js" },
    },
    {
      name: "one-file-imports-the-database-driver",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/store/driver\\.ts$" },
      to: { path: "better-sqlite3" },
    },
    {
      name: "no-test-in-production",
      severity: "error",
      from: { path: "^(src|cosem|conformance|web)/" },
      to: { path: "^test/" },
    },
  ],
  allowed,
  allowedSeverity: "error",
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    parser: "swc",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],

      extensions: [".ts", ".tsx", ".js"],
    },
  },
};
