/** Bodies and queries of the calls on settings and files. */
import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false } as const;
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Paths = Type.Array(Type.String());

const view = {
  settings: Type.Record(Type.String(), Type.Unknown(), { description: "secrets show as `[secret]`" }),
  restartNeeded: Type.Array(Type.String(), { description: "changed, and taken up at the next start" }),
  warnings: Type.Array(Type.String()),
};

export const GatewaySettings = Type.Object(view, { $id: "GatewaySettings" });
export type GatewaySettings = Static<typeof GatewaySettings>;

export const SettingsChanged = Type.Object(
  { ...view, changed: Type.Array(Type.String(), { description: "paths; with dryRun what would change" }) },
  { $id: "SettingsChanged" },
);
export type SettingsChanged = Static<typeof SettingsChanged>;

export const SettingsTable = Type.Object(
  {
    settings: Type.Array(
      Type.Object({
        path: Type.String(),
        wanted: Type.String({ description: "type and limits in words" }),
        default: Type.Unknown(),
        required: Type.Boolean(),
        restart: Type.Boolean(),
        secret: Type.Boolean(),
        deviceBound: Type.Boolean(),
        built: Type.Boolean({ description: "false: kept for a door that does not exist yet" }),
        help: Type.String(),
        logicalName: Nullable(Type.String()),
      }),
    ),
    schema: Type.Unknown({ description: "JSON Schema of all settings" }),
  },
  { $id: "SettingsTable" },
);
export type SettingsTable = Static<typeof SettingsTable>;

export const SettingsBody = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), {
  description: "groups are merged, null is the default again, lists are replaced, `[secret]` keeps a secret",
});
const DryRun = Type.Optional(Type.Boolean({ default: false, description: "checks all, changes nothing" }));
export const DryRunQuery = Type.Object({ dryRun: DryRun }, closed);

const FileKind = Type.Enum(["config-backup", "full-backup", "diagnostics"]);
const file = {
  name: Type.String(),
  kind: FileKind,
  version: Type.String(),
  made: Type.String({ description: "ISO 8601 with zone" }),
  bytes: Type.Integer(),
};

export const StoredFile = Type.Object(file, { $id: "StoredFile" });
export type StoredFile = Static<typeof StoredFile>;

export const StoredFileList = Type.Object({ files: Type.Array(Type.Object(file)) }, { $id: "StoredFileList" });
export type StoredFileList = Static<typeof StoredFileList>;

export const NewFile = Type.Object({ ...file, leftOut: Paths }, { $id: "NewFile" });
export type NewFile = Static<typeof NewFile>;

const Passphrase = Type.Optional(Type.String({ minLength: 8, maxLength: 1024 }));
export const MakeFileBody = Type.Object({ kind: FileKind, passphrase: Passphrase }, closed);
export const RestoreBody = Type.Object({ passphrase: Passphrase, dryRun: DryRun }, closed);
export const FileParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) }, closed);

export const RestoreReport = Type.Object(
  {
    kind: FileKind,
    version: Type.String(),
    made: Type.String(),
    serial: Nullable(Type.String()),
    replaces: Paths,
    leftOut: Paths,
    dryRun: Type.Boolean(),
    next: Type.String(),
  },
  { $id: "RestoreReport" },
);
export type RestoreReport = Static<typeof RestoreReport>;

export const ResetBody = Type.Object({ confirm: Type.Literal("factory-reset") }, closed);
export const ResetAnswer = Type.Object({ next: Type.String() }, { $id: "ResetAnswer" });
export type ResetAnswer = Static<typeof ResetAnswer>;

export const RemovedFile = Type.Object({ removed: Type.String() }, { $id: "RemovedFile" });
export type RemovedFile = Static<typeof RemovedFile>;

export const upkeepSchemas = [
  RemovedFile,
  GatewaySettings,
  SettingsChanged,
  SettingsTable,
  StoredFile,
  StoredFileList,
  NewFile,
  RestoreReport,
  ResetAnswer,
] as const;
