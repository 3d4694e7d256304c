/** Bits of the conformance block (IEC 62056-5-3, clause 7.3): bit 0 is the most significant of 24. */
const bit = (number: number): number => 1 << (23 - number);

export const conformanceBit = {
  generalProtection: bit(1),
  generalBlockTransfer: bit(2),
  read: bit(3),
  write: bit(4),
  unconfirmedWrite: bit(5),
  deltaValueEncoding: bit(6),
  attribute0WithSet: bit(8),
  priorityManagement: bit(9),
  attribute0WithGet: bit(10),
  /** GET or READ. */
  blockTransferWithGet: bit(11),
  /** SET or WRITE. */
  blockTransferWithSet: bit(12),
  blockTransferWithAction: bit(13),
  multipleReferences: bit(14),
  informationReport: bit(15),
  dataNotification: bit(16),
  access: bit(17),
  parameterizedAccess: bit(18),
  get: bit(19),
  set: bit(20),
  selectiveAccess: bit(21),
  eventNotification: bit(22),
  action: bit(23),
} as const;

export type ConformanceName = keyof typeof conformanceBit;

/** What the machines here can do with logical names: `0x601e5d`; general protection in ciphered contexts alone. */
export const offeredConformance =
  conformanceBit.generalProtection |
  conformanceBit.generalBlockTransfer |
  conformanceBit.access |
  conformanceBit.blockTransferWithGet |
  conformanceBit.blockTransferWithSet |
  conformanceBit.blockTransferWithAction |
  conformanceBit.multipleReferences |
  conformanceBit.get |
  conformanceBit.set |
  conformanceBit.selectiveAccess |
  conformanceBit.action;

/** Services of one referencing alone: never negotiated with the other. */
export const logicalNameServices =
  conformanceBit.get |
  conformanceBit.set |
  conformanceBit.action |
  conformanceBit.access |
  conformanceBit.selectiveAccess |
  conformanceBit.eventNotification |
  conformanceBit.attribute0WithGet |
  conformanceBit.attribute0WithSet |
  conformanceBit.blockTransferWithAction |
  conformanceBit.priorityManagement;

export const shortNameServices =
  conformanceBit.read |
  conformanceBit.write |
  conformanceBit.unconfirmedWrite |
  conformanceBit.informationReport |
  conformanceBit.parameterizedAccess |
  conformanceBit.deltaValueEncoding;

/** What the machines here can do with short names: `0x7c1b20`; general protection in ciphered contexts alone. */
export const offeredShortNameConformance =
  conformanceBit.generalProtection |
  conformanceBit.generalBlockTransfer |
  conformanceBit.read |
  conformanceBit.write |
  conformanceBit.unconfirmedWrite |
  conformanceBit.blockTransferWithGet |
  conformanceBit.blockTransferWithSet |
  conformanceBit.multipleReferences |
  conformanceBit.informationReport |
  conformanceBit.parameterizedAccess;

/** The same of a client with short names, `0x1c1b20`. */
export const proposedShortNameConformance =
  offeredShortNameConformance & ~(conformanceBit.generalProtection | conformanceBit.generalBlockTransfer);

/** What a client proposes where nothing else is said: what it can do by itself, `0x001e1d`. */
export const proposedConformance =
  offeredConformance &
  ~(conformanceBit.generalProtection | conformanceBit.generalBlockTransfer | conformanceBit.access);

/** Names of the bits set, for people. */
export function conformanceNames(conformance: number): readonly ConformanceName[] {
  return (Object.keys(conformanceBit) as ConformanceName[]).filter(
    (name) => (conformance & conformanceBit[name]) !== 0,
  );
}
