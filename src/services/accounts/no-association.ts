import { createAssociation } from "../../../cosem/index.js";

/** Of callers that are not logged in: no object, no right. */
export const noAssociation = createAssociation({ name: "none", clientSap: undefined, rules: [] });
