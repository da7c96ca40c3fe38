import { Badge, Group, Stack, TextInput, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { AreaPicker } from "../../parts/AreaPicker";
import { Problems } from "../../parts/Problems";
import { isMissing, problemsAt } from "../../parts/problems";
import { Section } from "../../parts/Section";
import { useRecording } from "../announcements/queries";
import { ClassStep } from "./ClassStep";
import classes from "./compose.module.css";
import type { Draft } from "./draft";
import { usePreview } from "./preview";
import { SaveState } from "./SaveState";
import { SendPanel } from "./SendPanel";
import { SoundStep } from "./SoundStep";
import { TimesStep } from "./TimesStep";
import { useDraft } from "./useDraft";

interface EditorProps {
  draft: Draft;
  areaId: string;
  /** The draft was kept by the controller for the first time, under this id. */
  onNamed: (id: string) => void;
}

/** One page to say what, where and when; the sentence beside it says what will happen. */
export function Editor({ draft, areaId, onNamed }: EditorProps) {
  const { t } = useTranslation();
  const state = useDraft(draft);
  const { content, id } = state;
  const [tried, setTried] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const recording = useRecording(content.recording_id);
  const preview = usePreview(state, areaId, recording.data?.state ?? null);
  const emergency = content.message_class === "emergency";

  useEffect(() => {
    if (id !== null) onNamed(id);
  }, [id]);

  /** What is only missing is no fault before somebody tried to send. */
  const found = (preview.data?.problems ?? []).filter((one) => tried || !isMissing(one));
  const warnings = preview.data?.warnings ?? [];

  function showFirst() {
    setTried(true);
    requestAnimationFrame(() =>
      body.current
        ?.querySelector("[data-problem]")
        ?.scrollIntoView({ block: "center", behavior: "smooth" }),
    );
  }

  return (
    <div className={classes.page}>
      <Stack gap="lg" ref={body}>
        <Group justify="space-between" align="flex-start">
          <Title order={1} size="h2">
            {t(emergency ? "compose.title_emergency" : "compose.title")}
          </Title>
          {emergency && (
            <Badge size="xl" color="emergency" variant="filled">
              {t("compose.class.emergency")}
            </Badge>
          )}
        </Group>
        <SaveState draft={draft} state={state} />
        <TextInput
          label={t("compose.name")}
          placeholder={t("compose.name_example")}
          maxLength={200}
          size="lg"
          value={content.title}
          onChange={(event) => draft.change({ title: event.currentTarget.value })}
          error={tried && content.title.trim() === "" ? t("compose.name_missing") : null}
          data-problem={tried && content.title.trim() === "" ? true : undefined}
        />
        <Section title={t("compose.step.sound")}>
          <SoundStep
            areaId={areaId}
            title={content.title}
            recordingId={content.recording_id}
            onRecording={(recording_id, name) =>
              draft.change({
                recording_id,
                ...(content.title.trim() === "" && name ? { title: name } : {}),
              })
            }
          />
          <Marked
            problems={problemsAt(found, "recording_id").filter(
              // The bar above it says how far it is.
              ({ code }) => code !== "recording_not_ready",
            )}
          />
        </Section>
        <Section title={t("compose.step.places")}>
          <AreaPicker
            label={t("compose.places")}
            value={content.targets}
            onChange={(targets) => draft.change({ targets })}
            describedBy="places-problems"
          />
          <Marked id="places-problems" problems={problemsAt(found, "targets")} />
        </Section>
        {!emergency && (
          <Section title={t("compose.step.times")}>
            <TimesStep
              schedules={content.schedules}
              onChange={(schedules) => draft.change({ schedules })}
              problems={problemsAt(found, "schedules")}
              warnings={problemsAt(warnings, "schedules")}
            />
          </Section>
        )}
        {!emergency && (
          <Section title={t("compose.step.class")}>
            <ClassStep
              value={content.message_class}
              onChange={(message_class) => draft.change({ message_class })}
            />
          </Section>
        )}
      </Stack>
      <SendPanel draft={draft} state={state} preview={preview} onHindered={showFirst} />
    </div>
  );
}

function Marked({
  problems,
  id,
}: {
  problems: Parameters<typeof Problems>[0]["problems"];
  id?: string;
}) {
  return (
    <div data-problem={problems.length > 0 || undefined}>
      <Problems problems={problems} {...(id ? { id } : {})} />
    </div>
  );
}
