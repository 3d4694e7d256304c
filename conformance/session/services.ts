/** GET, SET and ACTION with logical names over an exchange of APDUs; long answers and requests go in blocks. */
import {
  type ActionResponseData,
  type AttributeDescriptor,
  apduTag,
  ByteReader,
  ByteWriter,
  type Data,
  type DataBlock,
  decodeActionResponse,
  decodeData,
  decodeGetResponse,
  decodeSetResponse,
  encodeActionRequest,
  encodeData,
  encodeGetRequest,
  encodeSetRequest,
  type GetDataResult,
  type GetResponse,
  type MethodDescriptor,
  readActionResponseData,
  readGetDataResult,
  readList,
  toHex,
} from "../../cosem/index.js";
import { Misbehaviour } from "./verdict-errors.js";

/** What these services need of a session. */
export interface Exchanger {
  readonly invokeIdAndPriority: number;
  readonly negotiated: { readonly serverMaxReceivePduSize: number };
  exchange(apdu: Uint8Array): Promise<Uint8Array>;
}

/** The server answered a request with exception-response. Verdict: fail, where a case does not expect it. */
export class ExceptionAnswer extends Misbehaviour {
  readonly apdu: Uint8Array;
  constructor(apdu: Uint8Array) {
    super(`exception-response ${toHex(apdu)}`);
    this.apdu = apdu;
  }
}

const mostAssembledBytes = 16 * 1024 * 1024;

function expectTag(apdu: Uint8Array, tag: number): Uint8Array {
  if (apdu[0] === apduTag.exceptionResponse) throw new ExceptionAnswer(apdu);
  if (apdu[0] !== tag) throw new Misbehaviour(`an answer with tag ${apdu[0]?.toString(16) ?? "none"}`);
  return apdu;
}

function expectId(exchanger: Exchanger, invokeIdAndPriority: number): void {
  if (invokeIdAndPriority === exchanger.invokeIdAndPriority) return;
  throw new Misbehaviour(`invoke id and priority ${invokeIdAndPriority.toString(16)} in the answer`);
}

/** @throws Misbehaviour, ExceptionAnswer, DecodeError */
export async function getAttributes(
  exchanger: Exchanger,
  attributes: readonly AttributeDescriptor[],
  isList: boolean,
): Promise<readonly GetDataResult[]> {
  const { invokeIdAndPriority } = exchanger;
  const [attribute] = attributes;
  const ask = async (request: Uint8Array) => {
    const response = decodeGetResponse(expectTag(await exchanger.exchange(request), apduTag.getResponse));
    expectId(exchanger, response.invokeIdAndPriority);
    return response;
  };
  const first =
    isList || attribute === undefined
      ? await ask(encodeGetRequest({ kind: "withList", invokeIdAndPriority, attributes }))
      : await ask(encodeGetRequest({ kind: "normal", invokeIdAndPriority, attribute }));
  if (first.kind === "normal" && !isList) return [first.result];
  if (first.kind === "withList" && isList) return expectCount(first.results, attributes.length);
  if (first.kind === "blockError") return attributes.map(() => ({ kind: "error", error: first.error }));
  if (first.kind !== "withDatablock") throw new Misbehaviour(`get-response ${first.kind} to another form of request`);
  const bytes = await assemble(first, (blockNumber) =>
    ask(encodeGetRequest({ kind: "next", invokeIdAndPriority, blockNumber })),
  );
  if (!isList) return [{ kind: "data", data: decodeData(bytes) }];
  const reader = new ByteReader(bytes, "get-response list");
  const results = readList(reader, readGetDataResult);
  reader.expectEnd();
  return expectCount(results, attributes.length);
}

async function assemble(first: GetResponse, next: (blockNumber: number) => Promise<GetResponse>): Promise<Uint8Array> {
  const assembled = new ByteWriter(1024);
  let response = first;
  for (let due = 1; ; due++) {
    if (response.kind !== "withDatablock") throw new Misbehaviour(`get-response ${response.kind} inside a transfer`);
    const { block } = response;
    if (block.blockNumber !== due) throw new Misbehaviour(`block ${block.blockNumber} where ${due} was due`);
    assembled.bytes(block.rawData);
    if (block.lastBlock) return assembled.finish();
    if (assembled.length > mostAssembledBytes) throw new Misbehaviour("an answer over 16 MiB");
    response = await next(due);
  }
}

function expectCount<T>(results: readonly T[], count: number): readonly T[] {
  if (results.length !== count) throw new Misbehaviour(`${results.length} results to ${count} items`);
  return results;
}

/** Cuts encoded values into blocks that fit `headLength` more bytes into the server's PDU size. */
function cut(bytes: Uint8Array, serverMax: number, headLength: number): DataBlock[] {
  const size = Math.max(16, (serverMax === 0 ? 0xffff : serverMax) - headLength);
  const blocks: DataBlock[] = [];
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += size) {
    const rawData = bytes.subarray(offset, offset + size);
    blocks.push({ lastBlock: offset + size >= bytes.length, blockNumber: blocks.length + 1, rawData });
  }
  return blocks;
}

/** Room for the head of a block APDU and what ciphering adds to it. */
const blockHeadLength = 80;

/** One attribute. @returns its Data-Access-Result @throws Misbehaviour, ExceptionAnswer, DecodeError */
export async function setAttributes(
  exchanger: Exchanger,
  attributes: readonly AttributeDescriptor[],
  values: readonly Data[],
): Promise<readonly number[]> {
  const { invokeIdAndPriority } = exchanger;
  const [attribute] = attributes;
  const [value] = values;
  const ask = async (request: Uint8Array) => {
    const response = decodeSetResponse(expectTag(await exchanger.exchange(request), apduTag.setResponse));
    expectId(exchanger, response.invokeIdAndPriority);
    return response;
  };
  if (attribute === undefined || value === undefined || attributes.length > 1) {
    const response = await ask(encodeSetRequest({ kind: "withList", invokeIdAndPriority, attributes, values }));
    if (response.kind !== "withList") throw new Misbehaviour(`set-response ${response.kind} to a list`);
    return expectCount(response.results, attributes.length);
  }
  const blocks = cut(encodeData(value), exchanger.negotiated.serverMaxReceivePduSize, blockHeadLength);
  if (blocks.length === 1) {
    const response = await ask(encodeSetRequest({ kind: "normal", invokeIdAndPriority, attribute, value }));
    if (response.kind !== "normal") throw new Misbehaviour(`set-response ${response.kind} to a normal request`);
    return [response.result];
  }
  for (const block of blocks) {
    const response = await ask(
      block.blockNumber === 1
        ? encodeSetRequest({ kind: "withFirstDatablock", invokeIdAndPriority, attribute, block })
        : encodeSetRequest({ kind: "withDatablock", invokeIdAndPriority, block }),
    );
    if (response.kind === "lastDatablock") return [response.result];
    if (response.kind !== "datablock") throw new Misbehaviour(`set-response ${response.kind} to a block`);
  }
  throw new Misbehaviour("no result after the last block of a SET");
}

/** Requests that fit one APDU. @throws Misbehaviour, ExceptionAnswer, DecodeError */
export async function invokeMethods(
  exchanger: Exchanger,
  methods: readonly MethodDescriptor[],
  parameters: readonly (Data | undefined)[],
): Promise<readonly ActionResponseData[]> {
  const { invokeIdAndPriority } = exchanger;
  const [method] = methods;
  if (method === undefined || methods.length > 1) throw new Error("one method at a time");
  const ask = async (request: Uint8Array) => {
    const response = decodeActionResponse(expectTag(await exchanger.exchange(request), apduTag.actionResponse));
    expectId(exchanger, response.invokeIdAndPriority);
    return response;
  };
  let response = await ask(
    encodeActionRequest({ kind: "normal", invokeIdAndPriority, method, parameters: parameters[0] }),
  );
  if (response.kind === "normal") return [response.response];
  const assembled = new ByteWriter(256);
  while (response.kind === "withPblock") {
    assembled.bytes(response.block.rawData);
    if (response.block.lastBlock) {
      const reader = new ByteReader(assembled.finish(), "action-response block");
      return [readActionResponseData(reader)];
    }
    const { blockNumber } = response.block;
    response = await ask(encodeActionRequest({ kind: "nextPblock", invokeIdAndPriority, blockNumber }));
  }
  throw new Misbehaviour(`action-response ${response.kind} to a normal request`);
}
