/** Association LN, Security setup and Push setup in each version, ending at ports that write down what they are told. */
import {
  type AssociationUser,
  type CosemObject,
  createAdjustableAssociation,
  createAssociation,
  createAssociationObject,
  createKeyStore,
  createPushSetup,
  createSecuritySetup,
  emptyKeyStoreState,
  logicalName,
  type Refused,
  SymmetricKey,
  unrestrictedPush,
} from "../../cosem/index.js";

const title = (last: number) => Uint8Array.of(0x45, 0x58, 0x4d, 0, 0, 0, 0, last);
const key = (octet: number) => new SymmetricKey(new Uint8Array(16).fill(octet));

export function securityObjects(tell: (text: string) => () => undefined | Refused): readonly CosemObject[] {
  return [
    ...associationObjects(tell),
    ...([0, 1] as const).map((version) =>
      createSecuritySetup({
        version,
        logicalName: logicalName(`0-0:43.0.${version}*255`),
        keyStore: () => store,
        serverSystemTitle: title(1),
        clientSystemTitle: () => title(2),
        random: (count) => new Uint8Array(count).fill(0x11),
        now: () => Date.parse("2026-11-22T10:00:00Z"),
      }),
    ),
    ...([0, 1, 2] as const).map((version) =>
      createPushSetup({
        version,
        logicalName: logicalName(`0-${version}:25.9.0*255`),
        pushObjectList: [
          {
            classId: 3,
            logicalName: logicalName("8-0:1.0.0*255"),
            attributeIndex: 2,
            dataIndex: 0,
            ...unrestrictedPush,
          },
        ],
        numberOfRetries: 3,
        port: { push: tell("push"), reset: tell("reset push"), lastConfirmation: () => undefined },
        changed: tell("push settings"),
      }),
    ),
  ];
}

const store = createKeyStore({
  ...emptyKeyStoreState(1),
  keys: { unicast: key(1), authentication: key(2), master: key(3) },
});

function associationObjects(tell: (text: string) => () => undefined | Refused): readonly CosemObject[] {
  return ([0, 1, 2, 3] as const).map((version) => {
    let list: readonly AssociationUser[] = [{ userId: 1, userName: "anna" }];
    return createAssociationObject({
      version,
      instance: 1 + version,
      association: createAdjustableAssociation({
        association: createAssociation({
          name: `v${version}`,
          clientSap: 1 + version,
          rules: [{ access: "declared" }],
        }),
        changed: tell("object list"),
      }),
      mayChangeObjects: true,
      setSecret: tell("secret"),
      changeHlsSecret: tell("HLS secret"),
      users: () => ({
        list: () => list,
        changed(users) {
          list = users;
          return undefined;
        },
      }),
    });
  });
}
