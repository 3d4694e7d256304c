/**
 * One client's association on one connection: feeds its machine, asks the registry what the machine asks, and hands
 * on what goes out. In memory all of it happens in one turn; a promise only where the store must be asked.
 */
import type {
  AccessSpecification,
  ArrayStream,
  AssociationEvent,
  CloseReason,
  Data,
  LogicalDevice,
  NegotiatedAssociation,
  ServerAssociation,
  ShortNameDevice,
  VariableReference,
} from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { DlmsClient } from "./options.js";
import {
  type AccessAnswers,
  type Asked,
  accessAll,
  answerProtection,
  type Caller,
  type GetAnswers,
  invokeMethods,
  readAttributes,
  writeAttributes,
} from "./registry-calls.js";
import { askedVariables, readVariables, resolveVariables, writeVariables } from "./short-name-calls.js";

export interface AssociationLinkParts {
  readonly client: DlmsClient;
  readonly device: LogicalDevice;
  /** The same device as clients with short names see it; undefined: this client has logical names. */
  readonly shortNames?: ShortNameDevice | undefined;
  readonly machine: ServerAssociation;
  readonly peer: string;
  readonly registry: Caller["registry"];
  readonly logger: Logger;
  readonly clock: Clock;
  send(apdu: Uint8Array): void;
  /** Each refused AARQ. */
  onRefused(reason: string): void;
  /** Each APDU that could not be taken. */
  onRejected(detail: string): void;
}

export class AssociationLink {
  readonly clientSap: number;
  readonly serverSap: number;
  private readonly parts: AssociationLinkParts;
  private caller: Caller | undefined;
  /** In a ciphered association: one caller for each protection that a request can have, made when it comes. */
  private readonly protectedCallers: (Caller | undefined)[] = [];
  private streams: readonly (ArrayStream | undefined)[] | undefined;

  constructor(parts: AssociationLinkParts) {
    this.parts = parts;
    this.clientSap = parts.client.clientSap;
    this.serverSap = parts.device.sap;
  }

  get isOpen(): boolean {
    return this.parts.machine.session !== undefined;
  }

  /** Passes 3 and 4 are still to come. */
  get isPending(): boolean {
    return this.parts.machine.isPending;
  }

  /** One APDU. A promise where its answer must be waited for: the next APDU waits with it. */
  receive(apdu: Uint8Array, now: number): Promise<void> | undefined {
    return this.act(this.parts.machine.receive(apdu, now));
  }

  /** Closes the association where it was silent for too long. */
  expire(now: number): void {
    this.act(this.parts.machine.expire(now));
  }

  close(reason: CloseReason): void {
    this.act(this.parts.machine.close(reason));
    this.releaseStreams();
  }

  private act(events: readonly AssociationEvent[]): Promise<void> | undefined {
    let waiting: Promise<void> | undefined;
    for (const event of events) waiting = this.actOn(event) ?? waiting;
    return waiting;
  }

  private actOn(event: AssociationEvent): Promise<void> | undefined {
    switch (event.kind) {
      case "send":
        this.parts.send(event.apdu);
        return undefined;
      case "getRequested":
        return this.wait(readAttributes(this.callerFor(event, none), event.attributes), this.respondGet);
      case "setRequested":
        return this.wait(writeAttributes(this.callerFor(event, none), event.attributes, event.values), (results) =>
          this.act(this.parts.machine.respondSet(results, this.now())),
        );
      case "actionRequested":
        return this.wait(invokeMethods(this.callerFor(none, event), event.methods, event.parameters), (responses) =>
          this.act(this.parts.machine.respondAction(responses, this.now())),
        );
      case "accessRequested": {
        const { specifications, data, breakOnError } = event;
        const caller = this.callerFor(askedBy(specifications), askedBy(specifications));
        return this.wait(accessAll(caller, specifications, data, breakOnError), this.respondAccess);
      }
      case "readRequested":
        return this.readVariables(event.variables);
      case "writeRequested":
        return this.writeVariables(event.variables, event.values);
      case "elementsWanted":
        return this.supply(event.index);
      case "streamsReleased":
        this.releaseStreams();
        return undefined;
      case "opened":
        this.opened(event.session);
        return undefined;
      case "refused":
        this.parts.onRefused(event.reason);
        return undefined;
      case "rejected":
        this.parts.onRejected(event.detail);
        return undefined;
      case "closed":
        this.parts.logger.debug("association closed", { ...this.names(), reason: event.reason });
        return undefined;
    }
  }

  private readVariables(references: readonly VariableReference[]): Promise<void> | undefined {
    const variables = this.resolve(references);
    const caller = this.callerFor(askedVariables(variables), askedVariables(variables));
    return this.wait(readVariables(caller, variables), this.respondGet);
  }

  private writeVariables(references: readonly VariableReference[], values: readonly Data[]) {
    const variables = this.resolve(references);
    const caller = this.callerFor(askedVariables(variables), askedVariables(variables));
    return this.wait(writeVariables(caller, variables, values), (results) =>
      this.act(this.parts.machine.respondSet(results, this.now())),
    );
  }

  private resolve(references: readonly VariableReference[]) {
    const { shortNames } = this.parts;
    return shortNames === undefined ? references.map(() => undefined) : resolveVariables(shortNames, references);
  }

  private wait<R>(answer: R | Promise<R>, then: (answer: R) => Promise<void> | undefined): Promise<void> | undefined {
    return answer instanceof Promise ? answer.then(then) : then(answer);
  }

  private readonly respondGet = ({ answers, streams }: GetAnswers): Promise<void> | undefined => {
    this.streams = streams;
    if (!this.isOpen) this.releaseStreams();
    return this.act(this.parts.machine.respondGet(answers, this.now()));
  };

  private readonly respondAccess = ({ answers, streams }: AccessAnswers): Promise<void> | undefined => {
    this.streams = streams;
    if (!this.isOpen) this.releaseStreams();
    return this.act(this.parts.machine.respondAccess(answers, this.now()));
  };

  /** Pulls elements until the machine has enough for what it sends next. */
  private async supply(index: number): Promise<void> {
    const elements = await this.pull(index);
    await this.act(this.parts.machine.supply(elements, this.now()));
  }

  private async pull(index: number): Promise<readonly Data[] | undefined> {
    try {
      return await this.streams?.[index]?.next();
    } catch (error) {
      this.callerNow().onFault(error);
      return undefined;
    }
  }

  private releaseStreams(): void {
    const { streams } = this;
    this.streams = undefined;
    for (const stream of streams ?? []) stream?.close();
  }

  private opened(session: NegotiatedAssociation): void {
    const { client, peer } = this.parts;
    const selectDevice = (sap: number) => this.selectDevice(sap);
    const user = client.association.name;
    const principal = { association: client.association, user, door: "dlms", peer, session, selectDevice };
    const { registry, logger } = this.parts;
    const device = this.parts.shortNames?.device ?? this.parts.device;
    const onFault = (error: unknown) => logger.error("request failed", { ...this.names(), error });
    this.caller = { registry, device, principal, onFault };
    this.protectedCallers.length = 0;
    this.parts.logger.info("association opened", { ...this.names(), mechanism: client.mechanism });
  }

  /** Requests after the present one go to this device; the association stays what it was opened as. */
  private selectDevice(sap: number): boolean {
    const { registry, shortNames } = this.parts;
    const device = registry.deviceBySap(sap);
    // Short names are those of the one device that the association was opened with.
    if (device === undefined || shortNames !== undefined || this.caller === undefined) return false;
    this.caller = { ...this.caller, device };
    this.protectedCallers.length = 0;
    return true;
  }

  private callerNow(): Caller {
    if (this.caller === undefined) throw new Error("a request without an open association");
    return this.caller;
  }

  /** With the protection that the request came with; what its answer needs by the rights is told to the machine. */
  private callerFor({ attributes }: Pick<Asked, "attributes">, { methods }: Pick<Asked, "methods">): Caller {
    const caller = this.callerNow();
    const { machine } = this.parts;
    const protection = machine.requestProtection;
    if (protection === undefined) return caller;
    const index = protection >> 2;
    const known = this.protectedCallers[index];
    const own = known ?? { ...caller, principal: { ...caller.principal, protection } };
    this.protectedCallers[index] = own;
    machine.protectAnswer(answerProtection(own, { attributes, methods }));
    return own;
  }

  private names() {
    return { peer: this.parts.peer, client: this.clientSap, server: this.serverSap };
  }

  private now(): number {
    return this.parts.clock.monotonic();
  }
}

const none: Asked = { attributes: [], methods: [] };

function askedBy(specifications: readonly AccessSpecification[]): Asked {
  return {
    attributes: specifications.flatMap((item) => (item.kind === "action" ? [] : [item.attribute])),
    methods: specifications.flatMap((item) => (item.kind === "action" ? [item.method] : [])),
  };
}
