"""The classes of objects of the PCI vecteur, and what each attribute's code stands for."""

LABEL = "ID_S_OBJ_Z_1_2_2"
LAYERS = {  # in this order they are loaded: what others name comes first, what names others last
    "COMMUNE_id": "communes",
    "SECTION_id": "sections",
    "SUBDSECT_id": "feuilles",
    "PARCELLE_id": "parcelles",
    "BATIMENT_id": "batiments",
    "LIEUDIT_id": "lieux_dits",
    "SUBDFISC_id": "subdivisions_fiscales",
    "CHARGE_id": "charges",
    "NUMVOIE_id": "numeros_voirie",
    "VOIEP_id": "ensembles_immobiliers",
    "ZONCOMMUNI_id": "zones_communication",
    "TRONROUTE_id": "troncons_route",
    "TRONFLUV_id": "troncons_cours_eau",
    "TSURF_id": "surfaces",
    "TLINE_id": "lignes",
    "TPOINT_id": "points_divers",
    "SYMBLIM_id": "symboles_limites",
    "BORNE_id": "bornes",
    "BOULON_id": "bornes",
    "CROIX_id": "bornes",
    "PTCANV_id": "points_canevas",
    LABEL: "etiquettes",
}
ORDER = {layer: number for number, layer in enumerate(LAYERS)}
MAIN = frozenset(list(LAYERS)[:7])  # a sheet that loses one of these classes whole is corrupt
UNKNOWN = "classe inconnue"
TO_PARCEL = "_PARCELLE"  # relations named <class>_PARCELLE tie an object to parcels
