/**
 * Association SN, 0-0:40.0.0*255 with base name FA00: what its caller may use in this logical device, by short names.
 * It keeps nothing; secret, users and security setup are those of the Association LN beside it.
 */
import {
  AssociationLn,
  AssociationLnV2,
  AssociationSn,
  AssociationSnV0,
  AssociationSnV1,
  AssociationSnV3,
  AssociationSnV4,
  type attributeIdentification,
  objectListElementSn,
} from "../../classes/index.js";
import { type Data, nullData } from "../../codec/data.js";
import type { ValueOf } from "../../model/cosem-type.js";
import { logicalName } from "../../model/logical-name.js";
import { arrayOrStream } from "../array-stream.js";
import {
  type AccessContext,
  type Answer,
  accessInvoke,
  type CosemObject,
  type Principal,
  type ReadResult,
  type Refused,
} from "../contract.js";
import { createObject } from "../object.js";
import { isRefused, refused } from "../refused.js";
import { readAttribute } from "../registry.js";
import { type AssociationSnVersion, accessRightsListForm } from "./association-sn-rights.js";

export interface AssociationSnParts {
  /** Default: 2. 0 has the object list alone, 1 access rights, 3 users, 4 rights as bits. */
  readonly version?: AssociationSnVersion;
  /** Objects with their base names, this one too. */
  list(): readonly { readonly baseName: number; readonly object: CosemObject }[];
  /** That of the same logical device. */
  associationLn(): CosemObject | undefined;
}

const name = logicalName("0-0:40.0.0*255");
/** Indexes in Association LN. */
const lnAttribute = { secret: 7, securitySetupReference: 9, userList: 10, currentUser: 11 } as const;
const changeHlsSecret = 2;
const lowMechanism = 1;

const signed = (baseName: number): number => (baseName << 16) >> 16;

export function createAssociationSnObject(parts: AssociationSnParts): CosemObject {
  const version = parts.version ?? 2;

  function visible({ principal, device }: AccessContext) {
    return parts.list().filter(({ object }) => principal.association.isVisible(device, object));
  }

  const objectList = {
    getData: (context: AccessContext): ReadResult => ({
      ok: true,
      value: arrayOrStream(visible(context), ({ baseName, object }) => {
        const { classId, version: classVersion } = object.interfaceClass;
        const element = { baseName: signed(baseName), classId, version: classVersion, logicalName: object.logicalName };
        return objectListElementSn.toData(element);
      }),
    }),
  };
  const accessRightsList = {
    getData: (context: AccessContext): ReadResult => {
      const elementOf = accessRightsListForm(version);
      const toData = ({ baseName, object }: ReturnType<AssociationSnParts["list"]>[number]) =>
        elementOf(signed(baseName), object, context);
      return { ok: true, value: arrayOrStream(visible(context), toData) };
    },
  };

  /** Of the Association LN; `fallback` where it has no such attribute. */
  function fromLn<T>(index: number, fallback: T, type: { fromData(data: Data): T }) {
    return {
      get(context: AccessContext): Answer<T | Refused> {
        const object = parts.associationLn();
        if (object?.interfaceClass.attributeAt[index] === undefined) return fallback;
        const taken = (result: ReadResult) => {
          if (!result.ok) return result;
          return result.value.type === "array-stream" ? refused.temporaryFailure : type.fromData(result.value);
        };
        const answer = object.read(index, context);
        return answer instanceof Promise ? answer.then(taken) : taken(answer);
      },
    };
  }

  const { securitySetupReference: referenceType } = AssociationLn.attributes;
  const { userList: userListType, currentUser: currentUserType } = AssociationLnV2.attributes;
  const securitySetupReference = fromLn(
    lnAttribute.securitySetupReference,
    logicalName("0-0:43.0.0*255"),
    referenceType.type,
  );
  const users = {
    userList: fromLn(lnAttribute.userList, [], userListType.type),
    currentUser: fromLn(lnAttribute.currentUser, { userId: 0, userName: "" }, currentUserType.type),
  };
  const methods = {
    readByLogicalname: (wanted: readonly AttributeIdentification[], context: AccessContext) =>
      readByLogicalName(wanted, context),
    changeSecret: (secret: Uint8Array, context: AccessContext) => changeSecret(parts.associationLn(), secret, context),
    /** Pass 3 is the association machine's own, as long as it is pending. */
    replyToHlsAuthentication: () => refused.readWriteDenied,
  };

  switch (version) {
    case 0:
      return createObject(AssociationSnV0, name, { attributes: { objectList }, methods });
    case 1:
      return createObject(AssociationSnV1, name, { attributes: { objectList, accessRightsList }, methods });
    case 2:
      return createObject(AssociationSn, name, {
        attributes: { objectList, accessRightsList, securitySetupReference },
        methods,
      });
    case 3:
      return createObject(AssociationSnV3, name, {
        attributes: { objectList, accessRightsList, securitySetupReference, ...users },
        methods,
      });
    case 4:
      return createObject(AssociationSnV4, name, {
        attributes: { objectList, accessRightsList, securitySetupReference, ...users },
        methods,
      });
  }
}

type AttributeIdentification = ValueOf<typeof attributeIdentification>;

/** Each attribute wanted, in order; null-data where it is not there or not permitted. */
function readByLogicalName(wanted: readonly AttributeIdentification[], context: AccessContext): Answer<Data> {
  const results = wanted.map((one) => readIdentified(one, context));
  if (!results.some((result) => result instanceof Promise)) return arrayOf(results as readonly Data[]);
  return Promise.all(results).then(arrayOf);
}

const arrayOf = (value: readonly Data[]): Data => ({ type: "array", value });

function readIdentified(wanted: AttributeIdentification, context: AccessContext): Answer<Data> {
  const { classId, logicalName: wantedName, attributeIndex } = wanted;
  if (attributeIndex !== 0) return readOne(wanted, context);
  const object = context.device.find(wantedName, classId);
  const all = (object?.interfaceClass.attributeAt ?? []).flatMap((entry, index) => {
    return entry === undefined ? [] : [readOne({ classId, logicalName: wantedName, attributeIndex: index }, context)];
  });
  const structureOf = (value: readonly Data[]): Data => ({ type: "structure", value });
  if (!all.some((result) => result instanceof Promise)) return structureOf(all as readonly Data[]);
  return Promise.all(all).then(structureOf);
}

function readOne(wanted: AttributeIdentification, { device, principal }: AccessContext): Answer<Data> {
  const answer = readAttribute({ device, ...wanted }, principal);
  return answer instanceof Promise ? answer.then(dataOf) : dataOf(answer);
}

/** What is too long to be made at once has no place in a list of values. */
function dataOf(result: ReadResult): Data {
  if (!result.ok) return nullData;
  if (result.value.type !== "array-stream") return result.value;
  result.value.close();
  return nullData;
}

/** The password of low level security, or the secret of a high level mechanism, whichever opened this association. */
function changeSecret(
  associationLn: CosemObject | undefined,
  secret: Uint8Array,
  context: AccessContext,
): Answer<undefined | Refused> {
  if (associationLn === undefined) return refused.readWriteDenied;
  const parameters: Data = { type: "octet-string", value: secret };
  if (mechanismOf(context.principal) === lowMechanism) {
    return whenDone(associationLn.write(lnAttribute.secret, parameters, context));
  }
  const offered = associationLn.offer?.methods[changeHlsSecret] ?? accessInvoke;
  if ((offered & accessInvoke) === 0) return refused.readWriteDenied;
  return whenDone(associationLn.invoke(changeHlsSecret, parameters, context));
}

function whenDone(answer: Answer<{ readonly ok: true } | Refused>): Answer<undefined | Refused> {
  const done = (result: { readonly ok: true } | Refused) => (isRefused(result) ? result : undefined);
  return answer instanceof Promise ? answer.then(done) : done(answer);
}

/** Last arc of the mechanism's name. */
function mechanismOf({ session }: Principal): number | undefined {
  return session?.authenticationMechanismName.at(-1);
}
