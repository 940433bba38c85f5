namespace RestKv.Core.Watch;

/// <summary>Which kinds of change a watch wants.</summary>
[Flags]
public enum WatchTypes : byte
{
    None = 0,
    Put = 1,
    Delete = 2,
    All = Put | Delete,
}
