import { accessRead, type CosemObject } from "../../../cosem/index.js";

/** The same object as it is mirrored in other logical devices: nothing is written or started there. */
export function readOnly(object: CosemObject): CosemObject {
  const { offer, interfaceClass } = object;
  const attributes = offer?.attributes ?? interfaceClass.attributeAt.map((entry) => entry && accessRead);
  return {
    ...object,
    offer: {
      ...offer,
      attributes: attributes.map((access) => access && access & accessRead),
      // Listed, not allowed.
      methods: (offer?.methods ?? []).map((access) => access && 0),
    },
  };
}
