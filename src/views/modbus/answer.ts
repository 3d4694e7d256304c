/**
 * One request to its answer (MODBUS Application Protocol V1.1b3, clauses 6.3, 6.4 and 7). All values of one answer are
 * read in one turn of the event loop, so that no readout falls between them; only where the registry must ask the store
 * the answer comes later.
 */
import type { Principal } from "../../../cosem/index.js";
import type { Clock } from "../../ports/index.js";
import type { MeterService, MeterSummary } from "../../services/meters/contract.js";
import type { AnswerBuffer } from "./answer-buffer.js";
import {
  exceptionCodeFor,
  gatewayTargetFailedToRespond,
  illegalDataAddress,
  illegalDataValue,
  illegalFunction,
} from "./errors.js";
import { appendException, appendRegisters, type ModbusRequest } from "./frame.js";
import { addressSpace, scaledFor } from "./register-map.js";
import { ageSeconds, type BoundLine, meterFact, type RegisterSpace } from "./register-space.js";
import { encodeRegisters, registerCount } from "./register-type.js";
import type { AttributeSource, SourceReading } from "./value-source.js";
import { absent } from "./value-source.js";

const readHoldingRegisters = 3;
const readInputRegisters = 4;
const maxQuantity = 125;
/** A line may begin before the first and end behind the last register asked for: three registers on each side. */
const margin = 6;

export interface AnswerOptions {
  readonly space: RegisterSpace;
  readonly meters: MeterService;
  readonly clock: Clock;
  readonly unitId: number;
  /** True: registers without a line read as 0 and no exception is raised for them. */
  readonly respondOnInvalid: boolean;
  /** Older values count as not valid; 0: none is too old. */
  readonly staleAfterSeconds: number;
}

export interface RequestAnswerer {
  /** Appends the answer to `out`, at once or when the promise resolves. */
  answer(request: ModbusRequest, principal: Principal, out: AnswerBuffer): void | Promise<void>;
}

export function createRequestAnswerer(options: AnswerOptions): RequestAnswerer {
  const { space, meters, clock, unitId, respondOnInvalid, staleAfterSeconds } = options;
  // One answer is encoded at a time, and copied out before the next begins.
  const scratch = new DataView(new ArrayBuffer(margin + 2 * maxQuantity + margin));
  const scratchBytes = new Uint8Array(scratch.buffer);

  function linesOf(start: number, end: number, principal: Principal): BoundLine[] | undefined {
    const lines: BoundLine[] = [];
    for (let address = start; address < end; ) {
      const line = space.lineAt(address, principal);
      if (line === undefined && !respondOnInvalid) return undefined;
      if (line !== undefined) lines.push(line);
      address = line === undefined ? address + 1 : line.address + registerCount[line.form.type];
    }
    return lines;
  }

  /** Neighbouring lines mostly show one source in several forms: it is read once. */
  function readingsOf(lines: readonly BoundLine[], principal: Principal): (SourceReading | Promise<SourceReading>)[] {
    let source: AttributeSource | undefined;
    let reading: SourceReading | Promise<SourceReading> = absent;
    return lines.map((line) => {
      if (line.kind === "fact" || line.source === undefined) return absent;
      if (line.source !== source) reading = line.source.read(principal);
      source = line.source;
      return reading;
    });
  }

  function encode(
    request: ModbusRequest,
    start: number,
    quantity: number,
    lines: readonly BoundLine[],
    readings: readonly SourceReading[],
    principal: Principal,
    out: AnswerBuffer,
  ): void {
    const summaries = createSummaryLookup(meters, principal);
    // Lines cover every register but those that read as 0.
    if (respondOnInvalid) scratchBytes.fill(0);
    for (const [index, line] of lines.entries()) {
      const offset = margin + (line.address - start) * 2;
      const reading = readings[index] ?? absent;
      if (reading.kind === "refused") {
        appendException(out, request, exceptionCodeFor[reading.refusal]);
        return;
      }
      if (line.kind === "fact") {
        const fact = meterFact(summaries(line.device.name), line.show, clock.now(), staleAfterSeconds);
        encodeRegisters(scratch, offset, line.form, fact === undefined ? undefined : { integer: fact, exponent: 0 });
        continue;
      }
      const isValid = reading.kind === "number" && !isStale(line.device.name, summaries);
      const value = isValid ? scaledFor(line.form, reading.integer, reading.scaler) : undefined;
      encodeRegisters(scratch, offset, line.form, value);
    }
    appendRegisters(out, request, scratchBytes, margin, quantity * 2);
  }

  function isStale(device: string, summaries: (device: string) => MeterSummary | undefined): boolean {
    if (staleAfterSeconds === 0) return false;
    const age = ageSeconds(summaries(device), clock.now());
    return age !== undefined && age > staleAfterSeconds;
  }

  return {
    answer(request, principal, out) {
      if (request.unitId !== unitId && request.unitId !== 0 && request.unitId !== 255) {
        return appendException(out, request, gatewayTargetFailedToRespond);
      }
      if (request.functionCode !== readHoldingRegisters && request.functionCode !== readInputRegisters) {
        return appendException(out, request, illegalFunction);
      }
      const { data } = request;
      const start = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
      const quantity = ((data[2] ?? 0) << 8) | (data[3] ?? 0);
      if (data.length !== 4 || quantity < 1 || quantity > maxQuantity) {
        return appendException(out, request, illegalDataValue);
      }
      const lines = start + quantity > addressSpace ? undefined : linesOf(start, start + quantity, principal);
      if (lines === undefined) return appendException(out, request, illegalDataAddress);
      const readings = readingsOf(lines, principal);
      if (readings.some((reading) => reading instanceof Promise)) {
        return Promise.all(readings).then((read) => encode(request, start, quantity, lines, read, principal, out));
      }
      return encode(request, start, quantity, lines, readings as SourceReading[], principal, out);
    },
  };
}

/** Asks for a meter's summary once an answer. */
function createSummaryLookup(meters: MeterService, principal: Principal): (device: string) => MeterSummary | undefined {
  let name: string | undefined;
  let summary: MeterSummary | undefined;
  return (device) => {
    if (device !== name) summary = meters.get(principal, device);
    name = device;
    return summary;
  };
}
