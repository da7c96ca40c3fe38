import { joined, type Texts } from "./catalogue";

export const vietnamese = joined(
  import.meta.glob<Texts>("./vi/*.json", { eager: true, import: "default" }),
);
