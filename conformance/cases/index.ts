import type { ConformanceCase } from "../case.js";
import { dataExchangeCases } from "./data-exchange.js";
import { hdlcCases } from "./hdlc.js";
import { mandatoryCases } from "./mandatory.js";
import { multipleReferenceCases } from "./multiple-references.js";
import { naiveAssociationCases } from "./naive-associations.js";
import { naiveServiceCases } from "./naive-services.js";
import { naiveValueCases } from "./naive-values.js";
import { objectCases } from "./objects.js";
import { openCases } from "./open.js";
import { profileCases } from "./profiles.js";
import { pushCases } from "./push.js";
import { shortNameCases } from "./short-names.js";
import { symmetricSecurityCases } from "./symmetric-security.js";

/** Every case, in the order in which they run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...hdlcCases,
  ...openCases,
  ...dataExchangeCases,
  ...shortNameCases,
  ...mandatoryCases,
  ...multipleReferenceCases,
  ...profileCases,
  ...symmetricSecurityCases,
  ...naiveServiceCases,
  ...naiveAssociationCases,
  ...naiveValueCases,
  ...pushCases,
  ...objectCases,
];
