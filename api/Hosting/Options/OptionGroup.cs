namespace RestKv.Api.Hosting.Options;

/// <summary>Heading under which the help shows an option.</summary>
internal enum OptionGroup : byte
{
    Member = 0,
    Addresses = 1,
    FirstStart = 2,
    Storage = 3,
    Limits = 4,
    Security = 5,
    Timing = 6,
    Logging = 7,
}
