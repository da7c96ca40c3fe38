import { useEffect, useState } from "react";
import { useSession } from "../../app/session";
import { forgetTake, type KeptTake, keepTake, keptTake } from "./kept";

/** What was recorded and not sent yet: kept by the browser until it is used or given up. */
export function useTake(): [KeptTake | null, (take: KeptTake | null) => void] {
  const { account } = useSession();
  const [taken, setTaken] = useState<KeptTake | null>(null);

  useEffect(() => {
    void keptTake(account.id).then((kept) => kept && setTaken(kept));
  }, [account.id]);

  function change(take: KeptTake | null): void {
    void (take ? keepTake(account.id, take) : forgetTake(account.id));
    setTaken(take);
  }
  return [taken, change];
}
