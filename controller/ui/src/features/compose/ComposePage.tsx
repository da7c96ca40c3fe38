import { Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { useSession } from "../../app/session";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { zoned } from "../../parts/times";
import { type Announcement, readAnnouncement } from "../announcements/queries";
import type { Content, Draft } from "./draft";
import { Editor } from "./Editor";
import { Gate } from "./Gate";
import { firstSchedule } from "./schedules";
import { openDraft, savedOf } from "./useDraft";

interface Entry {
  draft: Draft;
  /** Id in the address at which the draft was shown last; null: that of a new one. */
  address: string | null;
  number: number;
}

/** Writes a new announcement, or goes on with one; the address follows once it has an id. */
export default function ComposePage() {
  const { announcementId = null } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const { account } = useSession();
  const [entry, setEntry] = useState<Entry | null>(null);
  const emergency = search.get("loai") === "khan-cap";

  const shown =
    entry && (entry.address === announcementId || entry.draft.snapshot().id === announcementId);

  useEffect(() => {
    const follow = (draft: Draft, address: string | null) =>
      setEntry((before) => ({
        draft,
        address,
        number: before?.draft === draft ? before.number : (before?.number ?? 0) + 1,
      }));
    if (shown && entry.address !== announcementId) follow(entry.draft, announcementId);
    if (!shown && announcementId === null)
      follow(openDraft(blank(emergency), account.area_id, account.id), null);
  }, [shown, entry, announcementId, emergency, account]);

  if (shown)
    return (
      <Editor
        key={entry.number}
        draft={entry.draft}
        areaId={account.area_id}
        onNamed={(id) => void navigate(`/soan/${id}`, { replace: true })}
      />
    );
  if (announcementId === null) return null;
  return (
    <Known
      key={announcementId}
      id={announcementId}
      onOpen={(announcement) =>
        setEntry((before) => ({
          draft: openDraft(savedOf(announcement), announcement.area_id, account.id),
          address: announcement.id,
          number: (before?.number ?? 0) + 1,
        }))
      }
    />
  );
}

function Known({ id, onOpen }: { id: string; onOpen: (announcement: Announcement) => void }) {
  const read = useQuery({
    queryKey: ["compose", id],
    gcTime: 0,
    staleTime: 0,
    queryFn: () => readAnnouncement(id),
  });
  const free = read.data?.state === "draft" && read.data.may.includes("edit");

  useEffect(() => {
    if (free && read.data) onOpen(read.data);
  }, [free, read.data]);

  if (read.error) return <Refused error={read.error} />;
  if (read.data && !free) return <Gate announcement={read.data} onOpen={() => onOpen(read.data)} />;
  return (
    <Stack aria-hidden="true">
      <Skeleton h={40} w="60%" />
      <Skeleton h={200} />
      <Skeleton h={200} />
    </Stack>
  );
}

function blank(emergency: boolean): Content {
  return {
    title: "",
    message_class: emergency ? "emergency" : "ordinary",
    recording_id: null,
    targets: { area_ids: [], terminal_ids: [] },
    schedules: emergency ? [] : [firstSchedule(zoned(serverNow()))],
  };
}
