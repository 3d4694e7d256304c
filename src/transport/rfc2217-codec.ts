/**
 * Telnet with the COM port control option, as byte streams: what the serial line brings is taken out of the telnet
 * stream, what goes to it is put in. Sub-negotiations longer than any of this option's are dropped, not kept.
 * @see RFC 2217, RFC 854, RFC 856 (binary transmission)
 */

const iac = 0xff;
const subnegotiationEnd = 0xf0;
const subnegotiationBegin = 0xfa;
const [will, wont, doIt, dont] = [0xfb, 0xfc, 0xfd, 0xfe];
const optionBinary = 0;
const optionSuppressGoAhead = 3;
const optionComPort = 44;
/** What a server answers a command with: the command plus this. */
const answerOffset = 100;
const mostSubnegotiationBytes = 64;

/** Commands of the COM port option that a client sends. */
export const comPort = { setBaudRate: 1, setDataSize: 2, setParity: 3, setStopSize: 4, setControl: 5 } as const;
/** Values of `setControl`. */
export const comPortControl = { noFlowControl: 1, dtrOn: 8, dtrOff: 9, rtsOn: 11, rtsOff: 12 } as const;
const evenParity = 3;

/** Data bytes with each FF doubled. */
export function escapeTelnet(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(iac)) return bytes;
  return Uint8Array.from([...bytes].flatMap((byte) => (byte === iac ? [iac, iac] : [byte])));
}

/** `FF FA 2C <command> <value, FF doubled> FF F0`. */
export function comPortCommand(command: number, value: readonly number[]): Uint8Array {
  const escaped = escapeTelnet(Uint8Array.from(value));
  return Uint8Array.of(iac, subnegotiationBegin, optionComPort, command, ...escaped, iac, subnegotiationEnd);
}

/** Rate in bits a second, four bytes, most significant first. */
export function setBaudRateCommand(baudRate: number): Uint8Array {
  return comPortCommand(comPort.setBaudRate, [
    (baudRate >>> 24) & 0xff,
    (baudRate >>> 16) & 0xff,
    (baudRate >>> 8) & 0xff,
    baudRate & 0xff,
  ]);
}

/** What a client says first: binary both ways, the option, then 8E1 at the rate, no flow control, DTR and RTS on. */
export function openingBytes(baudRate: number): Uint8Array {
  const offers = [
    [will, optionBinary],
    [doIt, optionBinary],
    [will, optionSuppressGoAhead],
    [doIt, optionSuppressGoAhead],
    [will, optionComPort],
  ].flatMap(([verb = will, option = 0]) => [iac, verb, option]);
  return Uint8Array.of(
    ...offers,
    ...setBaudRateCommand(baudRate),
    ...comPortCommand(comPort.setDataSize, [8]),
    ...comPortCommand(comPort.setParity, [evenParity]),
    ...comPortCommand(comPort.setStopSize, [1]),
    ...comPortCommand(comPort.setControl, [comPortControl.noFlowControl]),
    ...comPortCommand(comPort.setControl, [comPortControl.dtrOn]),
    ...comPortCommand(comPort.setControl, [comPortControl.rtsOn]),
  );
}

export interface TelnetPiece {
  /** Bytes of the serial line. */
  readonly data: Uint8Array;
  /** To be sent back at once: refusals of options that we do not have. */
  readonly reply: Uint8Array;
  /** Answers to our commands: command without its offset, and value. */
  readonly answers: readonly { readonly command: number; readonly value: Uint8Array }[];
  /** The server will not do COM port control. */
  readonly isRefused: boolean;
}

type State = "data" | "command" | "option" | "sub" | "subCommand";

/** Feeds on pieces of the telnet stream, cut anywhere. Never throws. */
export class TelnetDecoder {
  private state: State = "data";
  private verb = 0;
  private subnegotiation: number[] = [];
  private isAgreed = false;

  push(chunk: Uint8Array): TelnetPiece {
    const data: number[] = [];
    const reply: number[] = [];
    const answers: { command: number; value: Uint8Array }[] = [];
    let isRefused = false;
    for (const byte of chunk) {
      switch (this.state) {
        case "data":
          if (byte === iac) this.state = "command";
          else data.push(byte);
          break;
        case "command":
          if (byte === iac) data.push(iac);
          this.state = this.afterIac(byte);
          break;
        case "option":
          this.state = "data";
          isRefused ||= this.isRefusal(byte);
          reply.push(...this.replyTo(byte));
          break;
        case "sub":
          if (byte === iac) this.state = "subCommand";
          else this.keep(byte);
          break;
        default:
          this.state = byte === subnegotiationEnd ? "data" : "sub";
          if (byte === iac) this.keep(iac);
          if (byte === subnegotiationEnd) answers.push(...this.answer());
      }
    }
    return { data: Uint8Array.from(data), reply: Uint8Array.from(reply), answers, isRefused };
  }

  private afterIac(byte: number): State {
    if (byte >= will && byte <= dont) {
      this.verb = byte;
      return "option";
    }
    if (byte !== subnegotiationBegin) return "data";
    this.subnegotiation = [];
    return "sub";
  }

  private isRefusal(option: number): boolean {
    if (option !== optionComPort) return false;
    if (this.verb === doIt) this.isAgreed = true;
    return this.verb === dont && !this.isAgreed;
  }

  /** Options that we asked for ourselves are agreed in silence; all else is refused. */
  private replyTo(option: number): readonly number[] {
    const isOurs = option === optionBinary || option === optionSuppressGoAhead || option === optionComPort;
    if (isOurs) return [];
    if (this.verb === doIt) return [iac, wont, option];
    return this.verb === will ? [iac, dont, option] : [];
  }

  private keep(byte: number): void {
    if (this.subnegotiation.length < mostSubnegotiationBytes) this.subnegotiation.push(byte);
  }

  private answer(): readonly { command: number; value: Uint8Array }[] {
    const [option, command = 0, ...value] = this.subnegotiation;
    if (option !== optionComPort || command < answerOffset) return [];
    return [{ command: command - answerOffset, value: Uint8Array.from(value) }];
  }
}
