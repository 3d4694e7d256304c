/** Notifications: the harness listens, has the server push, and looks at what comes. */
import { createServer, type Socket } from "node:net";
import {
  ByteReader,
  createWrapperDecoder,
  type Data,
  logicalNameToBytes,
  readData,
  toHex,
  type WrapperFrame,
} from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, inconclusive, type Outcome, pass } from "../case.js";
import type { DeclaredPush } from "../declaration/declaration.js";
import type { Protection } from "../session/protection.js";
import type { Session } from "../session/session.js";
import { Inapplicable, Misbehaviour } from "../session/verdict-errors.js";
import { attributeAt, dataOf, numberOf } from "./answers.js";

const dataNotification = 0x0f;
const pushSetupClass = 40;
const needs = { referencing: "ln" } as const;
const scope = "server";

interface DataNotification {
  readonly longInvokeId: number;
  readonly dateTime: Uint8Array;
  readonly body: Data;
}

/** date-time is an octet-string with its length, empty where absent (IEC 62056-5-3, 8.5). @throws DecodeError */
function decodeDataNotification(apdu: Uint8Array): DataNotification {
  const reader = new ByteReader(apdu, "data-notification");
  if (reader.u8() !== dataNotification) throw new Misbehaviour(`tag ${apdu[0]} where a DataNotification is due`);
  const longInvokeId = reader.u32();
  const dateTime = reader.view8(reader.u8());
  const body = readData(reader);
  reader.expectEnd();
  return { longInvokeId, dateTime, body };
}

export const pushCases: readonly ConformanceCase[] = [
  {
    name: "PUSH_1",
    about: "A DataNotification is well-formed and holds what push_object_list names",
    reference: "IEC 62056-5-3, DataNotification, and 8.5; IEC 62056-6-2, class 40",
    needs,
    scope,
    run: (context) =>
      withPush(context, async ({ frame, session, push }) => {
        const { apdu } = opened(frame, session);
        const { body } = decodeDataNotification(apdu);
        return all([pass(`a body of type ${body.type}`), await checkBody(session, push, body)]);
      }),
  },
  {
    name: "PUSH_2",
    about: "A DataNotification is protected where the push setup says so",
    reference: "IEC 62056-5-3, security of xDLMS APDUs; IEC 62056-6-2, class 40, push_protection_parameters",
    needs: { ...needs, isCiphered: true },
    scope,
    run: (context) =>
      withPush(context, async ({ frame, session, push }) => {
        if (!push.isProtected) throw new Inapplicable("push.protected is not declared");
        const { protection, style, apdu } = opened(frame, session);
        if (protection === 0) return fail(`a plain notification: ${toHex(frame.apdu.subarray(0, 16))}`);
        decodeDataNotification(apdu);
        return pass(`${style}, protection ${protection}`);
      }),
  },
  {
    name: "NAIVE_13",
    about: "DataNotification: reserved bits of the long invoke id clear, date-time of 0 or 12 bytes, right SAPs",
    reference: "IEC 62056-5-3, 8.5, DataNotification; IEC 62056-47",
    needs,
    scope,
    run: (context) =>
      withPush(context, async ({ frame, session, push }) => {
        const { longInvokeId, dateTime } = decodeDataNotification(opened(frame, session).apdu);
        const outcomes: Outcome[] = [
          (longInvokeId & 0x0f00_0000) === 0
            ? pass("long invoke id")
            : fail(`long invoke id ${longInvokeId.toString(16)}`),
          dateTime.length === 0 || dateTime.length === 12
            ? pass("date-time")
            : fail(`a date-time of ${dateTime.length} bytes`),
          frame.sourceWPort === push.logicalDevice
            ? pass("source SAP")
            : fail(`source SAP ${frame.sourceWPort}, not ${push.logicalDevice}`),
        ];
        if (push.clientSap !== undefined && frame.destinationWPort !== push.clientSap) {
          outcomes.push(fail(`destination SAP ${frame.destinationWPort}, not ${push.clientSap}`));
        }
        return all(outcomes);
      }),
  },
];

function opened(frame: WrapperFrame, session: Session) {
  const plain = { apdu: frame.apdu, protection: 0, style: "plain" } as const;
  const protection: Protection | undefined = session.protection;
  return protection === undefined ? plain : protection.unprotect(frame.apdu);
}

/** One element of the body for each of push_object_list. */
async function checkBody(session: Session, push: DeclaredPush, body: Data): Promise<Outcome> {
  if (body.type !== "structure" && body.type !== "array") return fail(`the body is ${body.type}`);
  if (push.pushSetup === undefined) return pass("push_object_list is not declared");
  const list = dataOf(await session.get(attributeAt(pushSetupClass, push.pushSetup, 2)));
  if (typeof list === "string" || list.type !== "array") return fail("push_object_list is not readable");
  if (list.value.length !== body.value.length) {
    return fail(`${body.value.length} elements, push_object_list has ${list.value.length}`);
  }
  const ownName = toHex(logicalNameToBytes(push.pushSetup));
  const named = list.value.findIndex((entry) => {
    if (entry.type !== "structure") return false;
    const [classId, name, index] = entry.value;
    const isOwn = name?.type === "octet-string" && toHex(name.value) === ownName;
    return (
      isOwn &&
      classId !== undefined &&
      numberOf(classId) === pushSetupClass &&
      index !== undefined &&
      numberOf(index) === 1
    );
  });
  const element = body.value[named];
  if (element === undefined) return pass(`${body.value.length} elements`);
  const isName = element.type === "octet-string" && toHex(element.value) === ownName;
  return isName
    ? pass(`${body.value.length} elements, the push setup's name among them`)
    : fail("another push setup's name");
}

interface PushSeen {
  readonly frame: WrapperFrame;
  readonly session: Session;
  readonly push: DeclaredPush;
}

async function withPush(context: CaseContext, look: (seen: PushSeen) => Promise<Outcome>): Promise<Outcome> {
  const { push } = context.declaration;
  if (push === undefined) throw new Inapplicable("extras.push is not declared");
  const listener = listen(push);
  try {
    await listener.ready;
    const session = await context.open();
    if (push.pushSetup !== undefined) {
      const method = { classId: pushSetupClass, logicalName: push.pushSetup, methodIndex: 1 };
      const { result } = await session.invoke(method, { type: "integer", value: 0 });
      if (result !== 0) return fail(`push() is answered with ${result}`);
    }
    const frame = await listener.frame;
    if (frame === undefined) {
      const words = `no notification within ${push.timeoutMs / 1000} s`;
      return push.pushSetup === undefined ? inconclusive(words) : fail(words);
    }
    return await look({ frame, session, push });
  } finally {
    listener.close();
  }
}

/** The first frame that comes to the declared port; undefined after the declared time. */
function listen(push: DeclaredPush) {
  const sockets = new Set<Socket>();
  let resolveFrame: (frame: WrapperFrame | undefined) => void = () => undefined;
  const frame = new Promise<WrapperFrame | undefined>((resolve) => {
    resolveFrame = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    const decoder = createWrapperDecoder(0xffff);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      try {
        const [first] = decoder.push(chunk);
        if (first !== undefined) resolveFrame({ ...first, apdu: new Uint8Array(first.apdu) });
      } catch {
        socket.destroy();
      }
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(push.listenPort, push.listenHost, () => resolve());
  });
  const timer = setTimeout(() => resolveFrame(undefined), push.timeoutMs);
  return {
    ready,
    frame,
    close() {
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
