/**
 * Promises over a client association, for shells: the shell writes what `send` hands it, gives each whole APDU to
 * receive(), and calls fail() when the connection is gone or an answer takes too long. Knows no socket and no timer.
 */
import type { AccessRequest, AccessResponse } from "../apdu/access.js";
import type { ActionResponseData } from "../apdu/action.js";
import type { ConfirmedServiceError } from "../apdu/confirmed-service-error.js";
import { conformanceBit } from "../apdu/conformance.js";
import type { AttributeDescriptor, MethodDescriptor } from "../apdu/descriptor.js";
import type { ExceptionResponse } from "../apdu/exception-response.js";
import type { GetDataResult } from "../apdu/get.js";
import type { InitiateResponse } from "../apdu/initiate.js";
import { dataAccessResult } from "../apdu/results.js";
import type { VariableReference } from "../apdu/variable-access.js";
import { type Data, nullData } from "../codec/data.js";
import { isSnContext } from "./aare-answers.js";
import { type ClientAssociation, type ClientAssociationOptions, createClientAssociation } from "./client.js";
import type { AssociationRejection, ClientEvent } from "./client-events.js";
import { RequestTooLong } from "./client-exchange.js";
import { type ClassLookup, createShortNameClient, type ShortNameClient } from "./client-sn.js";

/** The AARE refused. */
export class AssociationRejected extends Error {
  readonly rejection: AssociationRejection;
  constructor(rejection: AssociationRejection) {
    const { result, diagnostic } = rejection;
    super(`association rejected: result ${result}, ${diagnostic.source} diagnostic ${diagnostic.value}`);
    this.name = "AssociationRejected";
    this.rejection = rejection;
  }
}

/** The server answered a request with exception-response. */
export class ServiceRefused extends Error {
  readonly exception: ExceptionResponse;
  constructor(exception: ExceptionResponse) {
    super(`exception-response: state error ${exception.stateError}, service error ${exception.serviceError}`);
    this.name = "ServiceRefused";
    this.exception = exception;
  }
}

/** The server answered a READ or WRITE with confirmed-service-error. */
export class ServiceFailed extends Error {
  readonly error: ConfirmedServiceError;
  constructor(error: ConfirmedServiceError) {
    super(`confirmed-service-error: service ${error.service}, class ${error.errorClass}, value ${error.value}`);
    this.name = "ServiceFailed";
    this.error = error;
  }
}

/** Each call rejects with AssociationRejected, ServiceRefused, ServiceFailed, DecodeError, or what fail() was given. One at a time. */
export interface ClientDriver {
  readonly association: ClientAssociation;
  open(): Promise<InitiateResponse>;
  get(attribute: AttributeDescriptor): Promise<GetDataResult>;
  /** Goes one by one where multiple references were not negotiated, and in parts where it is too long for the server. */
  getList(attributes: readonly AttributeDescriptor[]): Promise<readonly GetDataResult[]>;
  /** @returns the code of Data-Access-Result */
  set(attribute: AttributeDescriptor, value: Data): Promise<number>;
  setList(attributes: readonly AttributeDescriptor[], values: readonly Data[]): Promise<readonly number[]>;
  invoke(method: MethodDescriptor, parameters?: Data): Promise<ActionResponseData>;
  invokeList(
    methods: readonly MethodDescriptor[],
    parameters: readonly (Data | undefined)[],
  ): Promise<readonly ActionResponseData[]>;
  access(request: AccessRequest): Promise<AccessResponse>;
  /** By short names: attributes, and methods with their parameters. */
  read(variables: readonly VariableReference[]): Promise<readonly GetDataResult[]>;
  /** @returns codes of Data-Access-Result */
  write(variables: readonly VariableReference[], values: readonly Data[]): Promise<readonly number[]>;
  release(): Promise<void>;
  /** A request waits for an answer: what comes next is for receive(). */
  readonly isWaiting: boolean;
  /** Told of each notification, opened, with the `protectionBit`s that it had. */
  onNotified: ((apdu: Uint8Array, protection: number) => void) | undefined;
  /** From the shell: one whole APDU of the server. */
  receive(apdu: Uint8Array): void;
  /** From the shell: nothing more will come for the request that waits. */
  fail(error: Error): void;
}

export interface ClientDriverOptions extends ClientAssociationOptions {
  /** With short names: see `createShortNameClient`. Default: no class is known. */
  readonly classOf?: ClassLookup;
}

/** With short names get, set and invoke go by them unseen: the object list is read at the first of them. */
export function createClientDriver(options: ClientDriverOptions, send: (apdu: Uint8Array) => void): ClientDriver {
  const association = createClientAssociation(options);
  const { applicationContext: context, classOf = () => undefined } = options;
  if (context === undefined || !isSnContext(context)) return new Driver(association, send);
  return new ShortNameDriver(association, send, classOf);
}

type Awaited = Exclude<ClientEvent, { kind: "send" | "notified" }>;

interface Waiting {
  resolve(event: Awaited): void;
  reject(error: Error): void;
}

class Driver implements ClientDriver {
  readonly association: ClientAssociation;
  private readonly send: (apdu: Uint8Array) => void;
  private waiting: Waiting | undefined;
  onNotified: ClientDriver["onNotified"];

  constructor(association: ClientAssociation, send: (apdu: Uint8Array) => void) {
    this.association = association;
    this.send = send;
  }

  async open(): Promise<InitiateResponse> {
    return (await this.run("opened", () => this.association.open())).negotiated;
  }

  async get(attribute: AttributeDescriptor): Promise<GetDataResult> {
    const [result] = await this.getList([attribute]);
    return result ?? { kind: "error", error: dataAccessResult.otherReason };
  }

  /** Whether a request with so many references may go out as one. */
  private goTogether(count: number): boolean {
    const { multipleReferences } = conformanceBit;
    const negotiated = this.association.negotiated?.negotiatedConformance ?? multipleReferences;
    return count < 2 || (negotiated & multipleReferences) !== 0;
  }

  async getList(attributes: readonly AttributeDescriptor[]): Promise<readonly GetDataResult[]> {
    if (!this.goTogether(attributes.length)) return oneByOne(attributes, (attribute) => this.get(attribute));
    try {
      return (await this.run("gotten", () => this.association.get(attributes))).results;
    } catch (error) {
      if (!(error instanceof RequestTooLong) || attributes.length < 2) throw error;
      const middle = Math.ceil(attributes.length / 2);
      const first = await this.getList(attributes.slice(0, middle));
      return [...first, ...(await this.getList(attributes.slice(middle)))];
    }
  }

  async set(attribute: AttributeDescriptor, value: Data): Promise<number> {
    const [result] = await this.setList([attribute], [value]);
    return result ?? dataAccessResult.otherReason;
  }

  async setList(attributes: readonly AttributeDescriptor[], values: readonly Data[]): Promise<readonly number[]> {
    if (!this.goTogether(attributes.length)) {
      return oneByOne(attributes, (attribute, index) => this.set(attribute, values[index] ?? nullData));
    }
    return (await this.run("written", () => this.association.set(attributes, values))).results;
  }

  async invoke(method: MethodDescriptor, parameters?: Data): Promise<ActionResponseData> {
    const [response] = await this.invokeList([method], [parameters]);
    return response ?? { result: dataAccessResult.otherReason, returned: undefined };
  }

  async invokeList(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]) {
    if (!this.goTogether(methods.length)) {
      return oneByOne(methods, (method, index) => this.invoke(method, parameters[index]));
    }
    return (await this.run("invoked", () => this.association.invoke(methods, parameters))).responses;
  }

  async access(request: AccessRequest): Promise<AccessResponse> {
    return (await this.run("accessed", () => this.association.access(request))).response;
  }

  async read(variables: readonly VariableReference[]): Promise<readonly GetDataResult[]> {
    return (await this.run("gotten", () => this.association.read(variables))).results;
  }

  async write(variables: readonly VariableReference[], values: readonly Data[]): Promise<readonly number[]> {
    return (await this.run("written", () => this.association.write(variables, values))).results;
  }

  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  async release(): Promise<void> {
    await this.run("released", () => this.association.release());
  }

  receive(apdu: Uint8Array): void {
    this.act(this.association.receive(apdu));
  }

  fail(error: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(error);
  }

  private async run<K extends Awaited["kind"]>(kind: K, start: () => readonly ClientEvent[]) {
    if (this.waiting !== undefined) throw new Error("another request is running");
    const event = await new Promise<Awaited>((resolve, reject) => {
      this.waiting = { resolve, reject };
      try {
        this.act(start());
      } catch (error) {
        this.fail(error instanceof Error ? error : new Error("the request could not be made"));
      }
    });
    if (event.kind === "rejected") throw new AssociationRejected(event.rejection);
    if (event.kind === "exception") throw new ServiceRefused(event.exception);
    if (event.kind === "serviceError") throw new ServiceFailed(event.error);
    if (event.kind === "failed") throw event.error;
    if (event.kind !== kind) throw new Error(`${event.kind} where ${kind} was awaited`);
    return event as Extract<Awaited, { kind: K }>;
  }

  private act(events: readonly ClientEvent[]): void {
    for (const event of events) {
      if (event.kind === "send") this.send(event.apdu);
      else if (event.kind === "notified") this.onNotified?.(event.apdu, event.protection);
      else this.settle(event);
    }
  }

  private settle(event: Awaited): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(event);
  }
}

async function oneByOne<T, R>(items: readonly T[], ask: (item: T, index: number) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(await ask(item, index));
  return results;
}

class ShortNameDriver extends Driver {
  private readonly classOf: ClassLookup;
  private objects: ShortNameClient;

  constructor(association: ClientAssociation, send: (apdu: Uint8Array) => void, classOf: ClassLookup) {
    super(association, send);
    this.classOf = classOf;
    this.objects = createShortNameClient(this, classOf);
  }

  override async open(): Promise<InitiateResponse> {
    // Names may be others in each association.
    this.objects = createShortNameClient(this, this.classOf);
    return super.open();
  }

  override get(attribute: AttributeDescriptor): Promise<GetDataResult> {
    return this.objects.get(attribute);
  }

  override getList(attributes: readonly AttributeDescriptor[]): Promise<readonly GetDataResult[]> {
    return this.objects.getList(attributes);
  }

  override set(attribute: AttributeDescriptor, value: Data): Promise<number> {
    return this.objects.set(attribute, value);
  }

  override setList(attributes: readonly AttributeDescriptor[], values: readonly Data[]): Promise<readonly number[]> {
    return this.objects.setList(attributes, values);
  }

  override invoke(method: MethodDescriptor, parameters?: Data): Promise<ActionResponseData> {
    return this.objects.invoke(method, parameters);
  }

  override async invokeList(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]) {
    return this.objects.invokeList(methods, parameters);
  }
}
