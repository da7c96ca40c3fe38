import { Alert, Button, Group, Text } from "@mantine/core";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../app/session";
import { useAreas } from "../../parts/areas";
import { clockTime } from "../../parts/times";
import { type Stop, useLift, useStops } from "./queries";

/** Stops that hold, on every screen, with the way to lift them. */
export function StopBanner() {
  const { data } = useStops();
  return data?.map((stop) => <OneStop key={stop.id} stop={stop} />);
}

function OneStop({ stop }: { stop: Stop }) {
  const { t } = useTranslation();
  const may = useMay();
  const lift = useLift();
  const areas = useAreas();
  const area = areas.data?.find(({ id }) => id === stop.area_id);
  return (
    <Alert
      mb="sm"
      color="ink"
      variant="outline"
      icon={<IconPlayerStopFilled aria-hidden="true" />}
      title={t("stop.holds", {
        area: area?.name ?? t("stop.above"),
        until: clockTime(stop.hold_until),
      })}
    >
      <Group justify="space-between">
        <Text>
          {t("stop.obeyed", { done: stop.acknowledged, all: stop.terminals, by: stop.issued_by })}
        </Text>
        {may("stop") && area && (
          <Button variant="default" loading={lift.isPending} onClick={() => lift.mutate(stop.id)}>
            {t("stop.lift")}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
