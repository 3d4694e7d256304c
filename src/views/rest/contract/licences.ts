/** Bodies of the calls on licences. */
import Type, { type Static, type TSchema } from "typebox";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const InstalledLicence = Type.Object({
  id: Type.String(),
  company: Type.String(),
  serial: Type.String(),
  issued: Type.String({ description: "YYYY-MM-DD" }),
  subscriptionEnd: Nullable(Type.String()),
  validThrough: Nullable(Type.String({ description: "the last day, in UTC; null: for good" })),
  name: Type.String(),
  description: Type.String(),
  performance: Nullable(Type.Integer({ description: "active meters" })),
  features: Type.Array(Type.String()),
  fault: Nullable(Type.Enum(["notALicence", "noIssuerKey", "tampered", "otherSerial", "expired"])),
});

export const LicenceList = Type.Object(
  {
    serial: Type.String({ description: "what licences are to be issued for" }),
    isEnforced: Type.Boolean({ description: "false: nothing is limited" }),
    activeMeters: Nullable(Type.Integer({ description: "null: no limit" })),
    features: Nullable(Type.Array(Type.String(), { description: "null: all" })),
    licences: Type.Array(InstalledLicence),
  },
  { $id: "LicenceList" },
);
export type LicenceList = Static<typeof LicenceList>;

export const licenceSchemas = [LicenceList] as const;
