import { Skeleton } from "@mantine/core";
import { Refused } from "../../parts/Refused";
import { useRecording } from "../announcements/queries";
import { CheckingSound } from "./CheckingSound";
import { ChooseSound } from "./ChooseSound";
import { ReadySound } from "./ReadySound";
import { SendingSound } from "./SendingSound";

interface SoundStepProps {
  areaId: string;
  /** Name of the announcement; a recording without one is named by its time. */
  title: string;
  recordingId: string | null;
  /** Another recording, with a name for it; null: none. */
  onRecording: (id: string | null, name?: string) => void;
}

/** From nothing to a sound that is ready: record or upload, sending, checks, listening. */
export function SoundStep({ areaId, title, recordingId, onRecording }: SoundStepProps) {
  const recording = useRecording(recordingId);
  if (recordingId === null)
    return <ChooseSound areaId={areaId} title={title} onRecording={onRecording} />;
  if (recording.error)
    return (
      <>
        <Refused error={recording.error} />
        <ChooseSound areaId={areaId} title={title} onRecording={onRecording} />
      </>
    );
  if (!recording.data) return <Skeleton h={96} />;
  const drop = () => onRecording(null);
  switch (recording.data.state) {
    case "receiving":
      return <SendingSound recording={recording.data} onDrop={drop} />;
    case "ready":
      return <ReadySound recording={recording.data} onDrop={drop} />;
    default:
      return <CheckingSound recording={recording.data} onDrop={drop} />;
  }
}
