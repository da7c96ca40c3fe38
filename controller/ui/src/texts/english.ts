import { joined, type Texts } from "./catalogue";

export const english = joined(
  import.meta.glob<Texts>("./en/*.json", { eager: true, import: "default" }),
);
