import { DatePickerInput, type DatePickerInputProps, type DatePickerType } from "@mantine/dates";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DayInput.module.css";

/** A day, or a span of days, chosen from a calendar with large days and named controls. */
export function DayInput<Type extends DatePickerType = "default">(
  props: DatePickerInputProps<Type>,
) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <DatePickerInput<Type>
      size="lg"
      hideOutsideDates
      classNames={{ day: classes.day }}
      // One id for both: the calendar is named by the field that opens it.
      id={id}
      popoverProps={{ id }}
      ariaLabels={{
        previousMonth: t("calendar.previous_month"),
        nextMonth: t("calendar.next_month"),
        previousYear: t("calendar.previous_year"),
        nextYear: t("calendar.next_year"),
        previousDecade: t("calendar.previous_decade"),
        nextDecade: t("calendar.next_decade"),
      }}
      {...props}
    />
  );
}
