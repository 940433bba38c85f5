namespace RestKv.Raft;

/// <summary>
/// Says which <see cref="Defect"/> is planted. Only builds with DEFECTS have the switch; in all others the question is
/// constantly false and the code behind it is not there.
/// </summary>
internal static class Defects
{
#if DEFECTS
    public const bool AreCompiledIn = true;

    /// <summary>For the whole process: hunts run one after the other.</summary>
    public static Defect Active { get; set; }

    public static bool Has(Defect defect) => Active == defect;
#else
    public const bool AreCompiledIn = false;

    public static Defect Active
    {
        get => Defect.None;
        set => Invariant.Check(value == Defect.None);
    }

    public static bool Has(Defect defect) => false;
#endif
}
