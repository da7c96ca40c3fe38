import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

const StopSheet = lazy(() => import("./StopSheet"));

/** In reach on every screen. */
export function StopButton() {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button
        color="ink"
        h={48}
        px="sm"
        leftSection={<IconPlayerStopFilled size={18} aria-hidden="true" />}
        onClick={open}
      >
        {t("stop.open")}
      </Button>
      {opened && (
        <Suspense fallback={null}>
          <StopSheet onClose={close} />
        </Suspense>
      )}
    </>
  );
}
