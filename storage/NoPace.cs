namespace RestKv.Storage;

/// <summary>Bulk work without rests: for work that somebody waits for, and where time is virtual.</summary>
public sealed class NoPace : IWritePace
{
    public static readonly NoPace Instance = new();

    private NoPace()
    {
    }

    public void Rest()
    {
    }
}
