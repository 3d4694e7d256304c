/**
 * The registry's shapes: who asks (Principal), what may be seen (Association), what answers (LogicalDevice,
 * CosemObject), and what an answer is. Every view speaks these and nothing else.
 */
import type { Data } from "../codec/data.js";
import type { InterfaceClass } from "../model/interface-class.js";
import type { LogicalName } from "../model/logical-name.js";

/** Ordinary refusals, named as in Data-Access-Result (IEC 62056-5-3). Total tables in each view's errors.ts. */
export type Refusal =
  | "hardwareFault"
  | "temporaryFailure"
  | "readWriteDenied"
  | "objectUndefined"
  | "objectClassInconsistent"
  | "objectUnavailable"
  | "typeUnmatched"
  | "scopeOfAccessViolated"
  | "dataBlockUnavailable"
  | "otherReason";

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

/**
 * An array too long to be made at once: `count` elements, handed out in pieces. next() gives undefined at the end;
 * close() frees what stands behind it when the reader stops early. Both may be called once closed.
 */
export interface ArrayStream {
  readonly type: "array-stream";
  readonly count: number;
  next(): Promise<readonly Data[] | undefined>;
  close(): void;
}

export type ReadResult = { readonly ok: true; readonly value: Data | ArrayStream } | Refused;
export type WriteResult = { readonly ok: true } | Refused;
export type InvokeResult = { readonly ok: true; readonly value: Data | undefined } | Refused;

/** In memory: the result itself. From the store: a promise. */
export type Answer<R> = R | Promise<R>;

/** Selective access of a GET or SET. */
export interface SelectiveAccess {
  readonly selector: number;
  readonly parameters: Data;
}

/** Every caller. The association decides rights; user, door and peer go to the audit. */
export interface Principal {
  readonly association: Association;
  readonly user: string;
  /** `dlms`, `rest`, `modbus`, `push` … */
  readonly door: string;
  /** Address of the other side, or the part's own name. */
  readonly peer: string;
  /** Live values of an application association, for Association LN; undefined for internal associations. */
  readonly session?: AssociationSession;
  /**
   * How the request came: 4 authenticated, 8 encrypted, 16 digitally signed, the bits of `accessAuthenticatedRequest` and
   * its neighbours. Absent: without any protection, and no answer can be protected.
   */
  readonly protection?: number;
  /**
   * Channel selection: sends the caller's requests from now on, until the association ends, to the logical device with
   * this SAP. False: there is none. Undefined: the caller has no association to be moved.
   */
  readonly selectDevice?: (sap: number) => boolean;
  /** Names of the only rights left of those the association has for commands (a token's scope). Undefined: all of them. */
  readonly scope?: readonly string[] | undefined;
  /** Id of the token that stands for the user, never its secret. Undefined: the user came in person. */
  readonly token?: string | undefined;
}

/** What was negotiated when this association was opened. */
export interface AssociationSession {
  readonly clientSap: number;
  readonly serverSap: number;
  /** Object identifier arcs of context and mechanism names, e.g. [2, 16, 756, 5, 8, 1, 1]. */
  readonly applicationContextName: readonly number[];
  readonly authenticationMechanismName: readonly number[];
  readonly conformance: number;
  readonly maxReceivePduSize: number;
  readonly maxSendPduSize: number;
  readonly dlmsVersionNumber: number;
  readonly isAuthenticationPending: boolean;
  /** Title of the client where the AARQ brought one, or a protected message did. */
  readonly clientSystemTitle?: Uint8Array | undefined;
  /** The user of the client: calling-AE-invocation-id of the AARQ. */
  readonly userId?: number | undefined;
}

/** Bits of Blue Book access rights, version 3 form: 0 read, 1 write, 2-4 request and 5-7 response protection. */
export const accessRead = 0x01;
export const accessWrite = 0x02;
/** Bits 2 to 4: how a request must come, else it is refused. */
export const accessRequestProtection = 0x1c;
/** Bits 5 to 7: how the answer must go out; where nothing can be protected it is refused. */
export const accessResponseProtection = 0xe0;
/** Bit of a method's access right; bits 2 to 7 are as for attributes. */
export const accessInvoke = 0x01;

/** Rights of one kind of caller: a DLMS client, a REST role, a Modbus master. Rules, not lists stored per object. */
export interface Association {
  readonly name: string;
  /** Undefined for internal associations. */
  readonly clientSap: number | undefined;
  isVisible(device: LogicalDevice, object: CosemObject): boolean;
  /** Bits; 0 = no access. Never wider than the class declares. */
  attributeAccess(device: LogicalDevice, object: CosemObject, attributeIndex: number): number;
  methodAccess(device: LogicalDevice, object: CosemObject, methodIndex: number): number;
}

export interface AccessContext {
  readonly principal: Principal;
  readonly device: LogicalDevice;
  readonly selectiveAccess: SelectiveAccess | undefined;
}

/**
 * What one instance has of its class: narrows the declaration, as rules narrow it further. Lists go by index; one
 * frozen offer serves all instances alike.
 */
export interface InstanceOffer {
  /** Access bits (accessRead, accessWrite) of attributes that the instance can answer; a missing one has none. */
  readonly attributes: readonly (number | undefined)[];
  /** Access bits of methods; 0: listed without access; missing: not implemented and not listed. */
  readonly methods: readonly (number | undefined)[];
  /** Selectors by attribute index where the instance offers fewer than its class. */
  readonly selectors?: readonly (readonly number[] | undefined)[];
}

/**
 * One instance. The registry has checked class, existence and rights before it calls.
 * A TypeUnmatched or ScopeOfAccessViolated thrown or rejected becomes that refusal; anything else thrown is a bug and
 * reaches the registry's caller, which ends that connection or request.
 */
export interface CosemObject {
  readonly interfaceClass: InterfaceClass;
  readonly logicalName: LogicalName;
  /** Absent: all that the class declares. */
  readonly offer?: InstanceOffer;
  read(attributeIndex: number, context: AccessContext): Answer<ReadResult>;
  write(attributeIndex: number, value: Data, context: AccessContext): Answer<WriteResult>;
  invoke(methodIndex: number, parameters: Data | undefined, context: AccessContext): Answer<InvokeResult>;
}

/** A logical device: objects may be made on demand, so find() and objects() need not give the same reference twice. */
export interface LogicalDevice {
  /** Logical device name; the `<device>` of every address. At most 16 octets. */
  readonly name: string;
  readonly sap: number;
  readonly kind: "management" | "meter";
  /** The instance with this name and class; without a class, the only or first one. */
  find(logicalName: LogicalName, classId: number | undefined): CosemObject | undefined;
  objects(): Iterable<CosemObject>;
}

export interface AttributeTarget {
  readonly device: LogicalDevice;
  readonly logicalName: LogicalName;
  /** Undefined: looked up. */
  readonly classId: number | undefined;
  readonly attributeIndex: number;
}

export interface MethodTarget {
  readonly device: LogicalDevice;
  readonly logicalName: LogicalName;
  readonly classId: number | undefined;
  readonly methodIndex: number;
}

/** Change notices, one per committed readout or device change; never one per object. */
export type RegistryNotice =
  | { readonly kind: "readingCommitted"; readonly device: LogicalDevice; readonly readingNumber: number }
  | { readonly kind: "deviceAdded"; readonly device: LogicalDevice }
  | { readonly kind: "deviceRemoved"; readonly device: LogicalDevice };

/** A bounded queue of notices. */
export interface NoticeSubscription {
  close(): void;
}

export interface Registry {
  /** By name, `gateway` (the management device), or alias `sap<number>`. */
  device(name: string): LogicalDevice | undefined;
  deviceBySap(sap: number): LogicalDevice | undefined;
  /** In order of SAP, live: who reads on over turns of the event loop takes a copy. */
  devices(): Iterable<LogicalDevice>;
  readonly deviceCount: number;
  addDevice(device: LogicalDevice): void;
  removeDevice(device: LogicalDevice): void;
  /** Makes a renamed device (name fixed at its first readout) findable under its present name. */
  renamed(device: LogicalDevice): void;

  read(target: AttributeTarget, principal: Principal, selectiveAccess?: SelectiveAccess): Answer<ReadResult>;
  write(
    target: AttributeTarget,
    value: Data,
    principal: Principal,
    selectiveAccess?: SelectiveAccess,
  ): Answer<WriteResult>;
  invoke(target: MethodTarget, parameters: Data | undefined, principal: Principal): Answer<InvokeResult>;
  /** Objects of a device that the principal may see. */
  visibleObjects(device: LogicalDevice, principal: Principal): Iterable<CosemObject>;

  notify(notice: RegistryNotice): void;
  /** `listener` runs in the notifier's turn and must be quick: queue and leave. */
  subscribe(listener: (notice: RegistryNotice) => void): NoticeSubscription;
}
