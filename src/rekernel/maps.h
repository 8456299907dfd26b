/*
 * maps.h - tells the launcher which files the guest has mapped where (RK_REPORT_MAPS).
 */
#ifndef RRL_RK_MAPS_H
#define RRL_RK_MAPS_H

/* The guest's mappings are about to change. */
void maps_changed(void);
/* Reports all file mappings if they are others than last time. */
void maps_report(void);

#endif
