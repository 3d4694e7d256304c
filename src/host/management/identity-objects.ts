/** Who the gateway is and what it runs. */
import { type CosemObject, type Data, type LogicalDevice, type Registry, types } from "../../../cosem/index.js";
import { dataObject, octets } from "./data-objects.js";

export interface GatewayIdentity {
  /** Logical device name of the management device. */
  readonly name: string;
  /** 8 octets. */
  readonly systemTitle: Uint8Array;
  readonly firmwareVersion: string;
  /** SHA-256 of what runs. */
  firmwareSignature(): Promise<Uint8Array>;
}

export function createIdentityObjects(identity: GatewayIdentity): readonly CosemObject[] {
  return [
    dataObject("0-0:42.0.0*255", octets(identity.name)),
    dataObject("0-0:96.1.0*255", { type: "octet-string", value: identity.systemTitle }),
    dataObject("1-0:0.2.0*255", octets(identity.firmwareVersion)),
    dataObject("1-1:0.2.8*255", async () => ({ type: "octet-string", value: await identity.firmwareSignature() })),
  ];
}

const meterType = types.structure({ logicalDeviceName: types.octetText, channel: types.longUnsigned });

/** 1-128:0.0.0*255: the gateway's name, and of each meter its name and channel, which is its SAP. */
export function createMeterList(registry: Registry, gatewayName: string): CosemObject {
  const isMeter = ({ kind }: LogicalDevice) => kind === "meter";
  const element = ({ name, sap }: LogicalDevice) => meterType.toData({ logicalDeviceName: name, channel: sap });
  return dataObject("1-128:0.0.0*255", (): Data => {
    const meters = [...registry.devices()].filter(isMeter).map(element);
    return { type: "structure", value: [octets(gatewayName), { type: "array", value: meters }] };
  });
}
